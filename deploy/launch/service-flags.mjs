// How Node runs our programs. Figures and reasons are in ARCHITECTURE.md under "Decisions".

/** Flags for Node, before the file of a worker: compiled code is kept. */
export const workerNodeFlags = [`--import=${new URL('compile-cache.mjs', import.meta.url).href}`];

/**
 * Flags for Node, before the file of a program that holds services: compiled code is kept; messages
 * of up to 64 fields are plain objects (beyond 12, V8 makes a dictionary of what is filled by
 * computed names, as the protobuf runtime does); and memory can be given back by hand.
 */
export const programNodeFlags = [
  ...workerNodeFlags,
  '--fast-properties-soft-limit=64',
  '--expose-gc',
];

/**
 * Flags for Node, before the file of one service: also a small nursery for young objects, because
 * most of what a service allocates lives for one message (with 4 MiB, a task costs half as much CPU
 * again), and a heap that is cleaned before it has grown by 60 %.
 */
export const serviceNodeFlags = [
  ...programNodeFlags,
  '--max-semi-space-size=8',
  '--heap-growing-percent=60',
];
