// A lease as an order for a child: plain values, without any token.
import { toJson } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { AssetEventSchema } from '../../gen/dagmesh/dag/v1/asset_pb.ts';
import type { Lease, ResolvedConnection, Resume } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { JsonObject } from '../../json.ts';
import type { Connection } from '../../task/context.ts';
import type { BuiltIn, ResumeOrder, RunOrder } from '../ipc.ts';
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
  { dagsFolder, limits, connections }: OrderParts,
): RunOrder {
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
    dagsFolder,
    runType: lease.runType,
    inputsJson: lease.inputsJson,
    inputTransforms: lease.inputTransforms.map(({ name, handlers, path, field }) => ({
      name,
      handlers,
      path,
      field,
    })),
    paramsJson: lease.paramsJson,
    logicalDateMs: msOf(lease.logicalDate),
    intervalStartMs: msOf(lease.dataIntervalStart),
    intervalEndMs: msOf(lease.dataIntervalEnd),
    runAfterMs: msOf(lease.runAfter),
    partitionKey: lease.partitionKey,
    expandedTiCount: Math.max(lease.expandedTiCount, 1),
    mapIndexTemplate: lease.mapIndexTemplate,
    resume: lease.resume === undefined ? undefined : resumeOf(lease.resume),
    waitingSinceMs: msOf(lease.waitingSince),
    reschedulesCount: lease.reschedulesCount,
    triggeringAssetEvents: lease.triggeringAssetEvents.map(
      (event) => toJson(AssetEventSchema, event) as JsonObject,
    ),
    outletAliases: lease.outlets.flatMap(({ kind }) => (kind.case === 'alias' ? [kind.value] : [])),
    builtIn: builtInOf(lease),
    connections,
    xcomBytesMax: limits.xcomBytesMax,
    lineBytesMax: lineBytesMaxOf(limits),
  };
}

/** What an order needs beside its lease. */
export type OrderParts = {
  readonly dagsFolder: string;
  readonly limits: Limits;
  readonly connections: readonly Connection[];
};

function msOf(instant: Timestamp | undefined): number | undefined {
  return instant === undefined ? undefined : timestampMs(instant);
}

function resumeOf({ method, stateJson, eventJson, error, response }: Resume): ResumeOrder {
  if (response === undefined) return { method, stateJson, eventJson, error, response };
  const { chosenOptions, paramsJson, respondedBy } = response;
  const respondedAtMs = msOf(response.respondedAt);
  const told = { chosenOptions, paramsJson, respondedBy, respondedAtMs };
  return { method, stateJson, eventJson, error, response: told };
}

function builtInOf({ builtIn }: Lease): BuiltIn | undefined {
  const { kind } = builtIn ?? {};
  if (kind?.case === 'webhook') {
    const { url, headers, body } = kind.value;
    return { kind: 'webhook', url, headers, body };
  }
  if (kind?.case === 'email') {
    const { to, subject, body, connId } = kind.value;
    return { kind: 'email', to, subject, body, connId };
  }
  return undefined;
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
