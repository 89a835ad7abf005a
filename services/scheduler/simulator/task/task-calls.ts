// The calls that a task makes while it runs, answered from memory as executors answer them.
import {
  create,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { StateScope, WorkerService } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { instanceOf, instancesOf, nameOf } from '../../core/instance.ts';
import type { Attempt } from '../../core/attempt/attempt.ts';
import { nameOfState } from '../../core/state.ts';
import type { Commands } from '../commands.ts';
import type { Memory } from '../ledger/memory.ts';
import { pullXCom } from './pull.ts';
import type { Simulation } from '../simulation.ts';
import type { World } from './world.ts';

/** What calls are answered from. */
export type CallParts = {
  readonly simulation: Simulation;
  readonly memory: Memory;
  readonly world: World;
  readonly commands: Commands;
};

type Methods = typeof WorkerService.method;
type Answer<Name extends keyof Methods> = (
  request: MessageShape<Methods[Name]['input']>,
  attempt: Attempt,
  parts: CallParts,
) => MessageInitShape<Methods[Name]['output']> | Promise<MessageInitShape<Methods[Name]['output']>>;

/** Events of one answer, unless told otherwise. */
const EVENTS_DEFAULT = 100;

const ANSWERS: { readonly [Name in CallName]: Answer<Name> } = {
  getConnection: ({ connId }, { instance }, { world }) => {
    if (!instance.task.connections.includes(connId)) {
      const words = `task ${instance.task.taskId} does not declare connection ${connId}`;
      throw fail('connection_not_declared', `${words}; let it do so`);
    }
    const connection = world.connections.get(connId);
    if (connection === undefined) {
      throw fail('connection_not_found', `the test has no connection ${connId}; give it one`);
    }
    return { connection };
  },
  getVariable: ({ key }, _attempt, { world }) => {
    const value = world.variables.get(key);
    if (value === undefined) throw fail('variable_not_found', `there is no variable ${key}`);
    return { value };
  },
  setVariable: ({ key, value }, _attempt, { world }) => {
    world.variables.set(key, value);
    return {};
  },
  deleteVariable: ({ key }, _attempt, { world }) => {
    world.variables.delete(key);
    return {};
  },
  pushXCom: ({ xcom }, { attemptId }, { memory }) => {
    if (xcom === undefined) throw fail('bad_request', 'xcom is required');
    memory.push(attemptId, xcom);
    return {};
  },
  pullXCom: (request, attempt, parts) => pullXCom(request, attempt, parts),
  listXComs: ({ taskId }, { attemptId, instance }, { memory }) => {
    const asked = taskId === '' ? instance : instanceOf(instance.run, taskId);
    return {
      keys: asked === undefined ? [] : [...memory.valuesOf(asked, attemptId).keys()].sort(),
    };
  },
  deleteXCom: ({ key }, { attemptId }, { memory }) => {
    memory.drop(attemptId, key);
    return {};
  },
  getTaskStates: (_request, { instance }) => ({
    states: Object.fromEntries(
      [...instancesOf(instance.run)].map((each) => [nameOf(each), nameOfState(each.state)]),
    ),
  }),
  triggerDagRun: async ({ dagId, runId, key, confJson, logicalDate }, attempt, { commands }) => {
    const { run, task } = attempt.instance;
    const triggered = await commands.trigger({
      ...{ dagId, runId, confJson, requestId: `${attempt.attemptId}:${key}` },
      actor: `task:${run.dag.dagId}/${task.taskId}`,
      ...(logicalDate === undefined ? {} : { logicalDate }),
    });
    return { runId: triggered.runId };
  },
  listAssetEvents: (query, _attempt, { memory }) => {
    const afterMs = fromTimestamp(query.after) ?? Number.NEGATIVE_INFINITY;
    const beforeMs = fromTimestamp(query.before) ?? Number.POSITIVE_INFINITY;
    const events = memory.assetEvents().filter((event) => {
      const atMs = fromTimestamp(event.timestamp) ?? 0;
      const isMeant =
        query.alias === ''
          ? event.assetName === query.assetName || event.assetUri === query.assetUri
          : event.aliases.includes(query.alias);
      return isMeant && atMs > afterMs && atMs < beforeMs;
    });
    const ordered = query.isDescending ? events.toReversed() : events;
    return { events: ordered.slice(0, query.limit || EVENTS_DEFAULT) };
  },
  getState: (request, attempt, { world }) => {
    const valueJson = world.kept.get(placeOf(request, attempt));
    if (valueJson === undefined) {
      throw fail('state_not_found', `nothing is kept under ${request.key}; set it first`);
    }
    return { valueJson };
  },
  setState: (request, attempt, { world }) => {
    world.kept.set(placeOf(request, attempt), request.valueJson);
    return {};
  },
  deleteState: (request, attempt, { world }) => {
    world.kept.delete(placeOf(request, attempt));
    return {};
  },
};

/** The calls there are; in the names of WorkerService. */
export const CALL_NAMES = [
  ...(['getConnection', 'getVariable', 'setVariable', 'deleteVariable', 'pushXCom'] as const),
  ...(['pullXCom', 'listXComs', 'deleteXCom', 'getTaskStates', 'triggerDagRun'] as const),
  ...(['listAssetEvents', 'getState', 'setState', 'deleteState'] as const),
] as const;

/** A call that can be answered. */
export type CallName = (typeof CALL_NAMES)[number];

/** Whether a call can be answered. */
export function isCallName(name: string): name is CallName {
  return (CALL_NAMES as readonly string[]).includes(name);
}

/**
 * Answers the call of an attempt, in protobuf's JSON form. Rejects as the mesh refuses, e.g. with
 * `variable_not_found`.
 */
export async function answerCall<Name extends CallName>(
  call: { readonly method: Name; readonly input: JsonValue; readonly attempt: Attempt },
  parts: CallParts,
): Promise<JsonValue> {
  const { method, input, attempt } = call;
  const descriptor: Methods[Name] = WorkerService.method[method];
  const request = fromJson(descriptor.input, input, { ignoreUnknownFields: true });
  const answer = await (ANSWERS[method] as Answer<CallName>)(request as never, attempt, parts);
  return toJson(descriptor.output, create(descriptor.output, answer as never));
}

function placeOf(
  request: { readonly scope: StateScope; readonly assetName: string; readonly key: string },
  { instance }: Attempt,
): string {
  const { scope, assetName, key } = request;
  if (scope !== StateScope.ASSET) return JSON.stringify([instance.id, key]);
  const ports = [...instance.task.inlets, ...instance.task.outlets];
  const isDeclared = ports.some(
    ({ kind }) => kind.case === 'asset' && (kind.value.name || kind.value.uri) === assetName,
  );
  if (isDeclared) return JSON.stringify(['asset', assetName, key]);
  const words = `task ${instance.task.taskId} has no inlet or outlet "${assetName}"`;
  throw fail('asset_not_declared', `${words}; let it declare the asset`);
}
