// The limits of what workers send, as Welcome and the contract state them.

/** Largest XCom value, in bytes of UTF-8. */
export const XCOM_SIZE_MAX = 256 * 1024;

/** Most XComs of one report. */
export const XCOMS_MAX = 1_000;

/**
 * Largest sum of all that one report brings, in bytes, so that it fits into one call of the mesh
 * (4 MiB).
 */
export const REPORT_SIZE_MAX = 3 * 1024 * 1024;

/** Longest key of an XCom, in characters. */
export const XCOM_KEY_LENGTH_MAX = 512;

/** Largest log chunk, in bytes. */
export const LOG_CHUNK_MAX = 1024 * 1024;

/**
 * Largest sum of one lease's arguments, params and events, in bytes, so that it fits into one
 * message to a worker (4 MiB).
 */
export const LEASE_SIZE_MAX = 3 * 1024 * 1024;

/** Largest list of values that one answer to a running task carries, in bytes. */
export const PULL_SIZE_MAX = 3 * 1024 * 1024;

/** Most assets that one report updates. */
export const ASSET_UPDATES_MAX = 1_000;

/** Longest name of a mapped instance, in characters. */
export const MAP_LABEL_LENGTH_MAX = 250;

/** How far ahead a task may ask to be run again. */
export const RESCHEDULE_AHEAD_MAX_MS = 366 * 86_400_000;

/** Longest wait that a task may ask for: ten years. */
export const WAIT_MAX_MS = 3_660 * 86_400_000;

/** What a message with several leases or reports may hold before another is begun, in bytes. */
export const FRAME_SIZE = 1024 * 1024;

/** How long a lease may wait for its worker to start it when the scheduler does not say. */
export const START_WITHIN_MS = 5_000;

/**
 * How long an attempt token lasts. Workers get a new one when half of it is gone, so at any time at
 * least half is left: more than 20 TTLs, the longest outage of the mesh that a running task must
 * survive.
 */
export const TOKEN_LIFE_MS = 20 * 60_000;
