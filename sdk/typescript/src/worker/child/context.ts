// The TaskContext a task's code is given: what came with its order, and calls that the supervisor
// makes for it.
import type { JsonObject, JsonValue } from '../../json.ts';
import type {
  Resume,
  TaskContext,
  TaskLog,
  TriggerOptions,
  Variables,
} from '../../task/context.ts';
import type { AssetUpdate, ResumeOrder, RunOrder } from '../ipc.ts';
import type { Level } from '../logs/line.ts';
import { type Ask, askerOf, type Call, orUndefined } from './ask.ts';
import { assetEventOf, assetEventsOf, outletEventsOf } from './asset-calls.ts';
import { connectionsOf } from './connections.ts';
import { format, type Output, writeLine } from './output.ts';
import { statesOf } from './states.ts';
import { xcomsOf } from './xcoms.ts';

/** What a context is built from. */
export type ContextParts = {
  readonly order: RunOrder;
  /** The arguments, with every change made. */
  readonly inputs: JsonObject;
  /** Updates of assets that the task notes are added here. */
  readonly updates: AssetUpdate[];
  readonly output: Output;
  readonly call: Call;
  /** Asked for when the task reads `signal`. */
  readonly signal: () => AbortSignal;
};

/** The context of one attempt. */
export function createContext(parts: ContextParts): TaskContext {
  const { order, inputs, updates, output, call, signal } = parts;
  const ask = askerOf(call);
  return {
    ...factsOf(order),
    inputs,
    get signal() {
      return signal();
    },
    log: logOf(output),
    xcom: xcomsOf(ask, order.xcomBytesMax),
    variables: variablesOf(ask),
    state: statesOf(ask),
    outletEvents: outletEventsOf(updates, order.outletAliases),
    assetEvents: assetEventsOf(ask),
    conn: connectionsOf(order.connections, output, ask),
    triggerDagRun: triggerOf(ask),
    taskStates: async () => {
      const { states } = await ask('getTaskStates', {});
      return (states ?? {}) as { readonly [taskId: string]: string };
    },
  };
}

/** The log of an attempt. */
export function logOf(output: Output): TaskLog {
  const at =
    (level: Level) =>
    (...values: readonly unknown[]) =>
      writeLine(output, { level, stream: 'task', message: format(values) });
  return { debug: at('debug'), info: at('info'), warn: at('warning'), error: at('error') };
}

/** A JSON object; empty text means an empty one. */
export function objectOf(json: string): JsonObject {
  return json === '' ? {} : (JSON.parse(json) as JsonObject);
}

/** What came with the order and needs no call. */
function factsOf(order: RunOrder) {
  return {
    dagId: order.dagId,
    runId: order.runId,
    taskId: order.taskId,
    mapIndex: order.mapIndex,
    tryNumber: order.tryNumber,
    triesMax: order.triesMax,
    attemptId: order.attemptId,
    epoch: order.epoch,
    runType: order.runType,
    logicalDate: dateOf(order.logicalDateMs),
    dataInterval: intervalOf(order),
    runAfter: dateOf(order.runAfterMs),
    partitionKey: order.partitionKey === '' ? undefined : order.partitionKey,
    expandedTiCount: order.expandedTiCount,
    resume: order.resume === undefined ? undefined : resumeOf(order.resume),
    waitingSince: dateOf(order.waitingSinceMs),
    reschedulesCount: order.reschedulesCount,
    triggeringAssetEvents: order.triggeringAssetEvents.map(assetEventOf),
    params: objectOf(order.paramsJson),
  };
}

function resumeOf({ method, stateJson, eventJson, error, response }: ResumeOrder): Resume {
  return {
    method,
    state: valueOf(stateJson) ?? null,
    event: valueOf(eventJson),
    error: error === '' ? undefined : error,
    response: response && {
      chosenOptions: response.chosenOptions,
      params: objectOf(response.paramsJson),
      respondedBy: response.respondedBy,
      respondedAt: dateOf(response.respondedAtMs),
    },
  };
}

function variablesOf(ask: Ask): Variables {
  return {
    get: async (key) => {
      const answer = await orUndefined(ask('getVariable', { key }));
      return answer === undefined ? undefined : String(answer['value'] ?? '');
    },
    set: async (key, value, { description = '' } = {}) =>
      void (await ask('setVariable', { key, value, description })),
    delete: async (key) => void (await ask('deleteVariable', { key })),
  };
}

function triggerOf(ask: Ask) {
  let triggersCount = 0;
  return async (dagId: string, options: TriggerOptions = {}): Promise<string> => {
    triggersCount += 1;
    const { conf, logicalDate, runId = '', key = String(triggersCount) } = options;
    const answer = await ask('triggerDagRun', {
      dagId,
      key,
      runId,
      confJson: conf === undefined ? '' : JSON.stringify(conf),
      ...(logicalDate === undefined ? {} : { logicalDate: logicalDate.toISOString() }),
    });
    return String(answer['runId']);
  };
}

function valueOf(json: string): JsonValue | undefined {
  return json === '' ? undefined : (JSON.parse(json) as JsonValue);
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

function intervalOf({ intervalStartMs, intervalEndMs }: RunOrder): TaskContext['dataInterval'] {
  const start = dateOf(intervalStartMs);
  const end = dateOf(intervalEndMs);
  return start === undefined || end === undefined ? undefined : { start, end };
}
