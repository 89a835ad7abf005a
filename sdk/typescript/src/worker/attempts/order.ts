// A lease as an order for a child: plain values, without any token.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Lease, ResolvedConnection } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { JsonObject } from '../../json.ts';
import type { Connection } from '../../task/context.ts';
import type { RunOrder } from '../ipc.ts';
import type { Limits } from '../session/limits.ts';

/** A line of a task's log is cut into several beyond this. */
const LINE_BYTES_MAX = 64 * 1024;

/** How long a line of a task's log may be. */
export function lineBytesMaxOf(limits: Limits): number {
  return Math.min(LINE_BYTES_MAX, limits.logChunkBytesMax);
}

/** The connections of a lease as tasks see them. */
export function connectionsOf(lease: Lease): Connection[] {
  return lease.connections.map(connectionOf);
}

/** The order for a lease, as the `seq`-th of its child. */
export function orderOf(
  lease: Lease,
  seq: number,
  limits: Limits,
  connections: readonly Connection[],
): RunOrder {
  const msOf = (instant: Lease['logicalDate']) =>
    instant === undefined ? undefined : timestampMs(instant);
  return {
    seq,
    attemptId: lease.attemptId,
    epoch: Number(lease.epoch),
    dagId: lease.dagId,
    runId: lease.runId,
    taskId: lease.taskId,
    mapIndex: lease.mapIndex,
    tryNumber: lease.tryNumber,
    triesMax: lease.triesMax,
    handler: lease.handler,
    runType: lease.runType,
    inputsJson: lease.inputsJson,
    paramsJson: lease.paramsJson,
    logicalDateMs: msOf(lease.logicalDate),
    intervalStartMs: msOf(lease.dataIntervalStart),
    intervalEndMs: msOf(lease.dataIntervalEnd),
    connections,
    xcomBytesMax: limits.xcomBytesMax,
    lineBytesMax: lineBytesMaxOf(limits),
  };
}

function connectionOf(connection: ResolvedConnection): Connection {
  const { connId, connType, host, schema, login, password, port, extraJson } = connection;
  return {
    connId,
    connType,
    host,
    schema,
    login,
    password,
    port: port === 0 ? undefined : port,
    extra: extraOf(extraJson),
  };
}

/** What somebody wrote into `extra` long ago must not keep a task from starting. */
function extraOf(json: string): JsonObject {
  try {
    const extra: unknown = json === '' ? {} : JSON.parse(json);
    return typeof extra === 'object' && extra !== null && !Array.isArray(extra)
      ? (extra as JsonObject)
      : {};
  } catch {
    return {};
  }
}
