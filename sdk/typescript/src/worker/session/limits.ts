// What the mesh dictates in its Welcome, in the units the worker counts in.
import { type Duration, durationMs } from '@bufbuild/protobuf/wkt';
import type { Welcome } from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';

/** Times and sizes of a session. */
export type Limits = {
  readonly heartbeatMs: number;
  /** Silence after which the worker gives its attempts up: TTL − H. */
  readonly silenceMaxMs: number;
  readonly killGraceMs: number;
  readonly xcomBytesMax: number;
  readonly logChunkBytesMax: number;
  readonly logSizeMax: number;
};

/** What holds where the mesh is silent about it. */
export const DEFAULT_LIMITS: Limits = {
  heartbeatMs: 5_000,
  silenceMaxMs: 10_000,
  killGraceMs: 10_000,
  xcomBytesMax: 256 * 1024,
  logChunkBytesMax: 1024 * 1024,
  logSizeMax: 64 * 1024 * 1024,
};

/** The limits of a Welcome. */
export function limitsOf(welcome: Welcome): Limits {
  const initial = DEFAULT_LIMITS;
  const heartbeatMs = msOf(welcome.heartbeatInterval) ?? initial.heartbeatMs;
  const leaseTtlMs = msOf(welcome.leaseTtl) ?? heartbeatMs * 3;
  return {
    heartbeatMs,
    silenceMaxMs: Math.max(leaseTtlMs - heartbeatMs, heartbeatMs),
    killGraceMs: msOf(welcome.killGrace) ?? initial.killGraceMs,
    xcomBytesMax: welcome.xcomSizeMax || initial.xcomBytesMax,
    logChunkBytesMax: welcome.logChunkMax || initial.logChunkBytesMax,
    logSizeMax: Number(welcome.logSizeMax) || initial.logSizeMax,
  };
}

/** Milliseconds of a span, where there is one. */
export function msOf(span: Duration | undefined): number | undefined {
  return span === undefined ? undefined : durationMs(span);
}
