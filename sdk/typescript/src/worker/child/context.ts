// The TaskContext a task's code is given: what came with its order, and calls that the supervisor
// makes for it.
import { maskOf } from '../logs/mask.ts';
import type { JsonObject, JsonValue } from '../../json.ts';
import type {
  Connection,
  TaskContext,
  TaskLog,
  TriggerOptions,
  Variables,
  XComs,
  XComSource,
} from '../../task/context.ts';
import { CallError } from '../../task/outcomes.ts';
import type { CallAnswer, CallMethod, CallRequest, RunOrder } from '../ipc.ts';
import type { Level } from '../logs/line.ts';
import { format, type Output, writeLine } from './output.ts';

/** Makes a call for the running attempt. */
export type Call = (request: CallRequest) => Promise<CallAnswer>;

/** What a context is built from. */
export type ContextParts = {
  readonly order: RunOrder;
  readonly output: Output;
  readonly call: Call;
  /** Asked for when the task reads `signal`. */
  readonly signal: () => AbortSignal;
};

type Fields = { readonly [field: string]: JsonValue };

/** The context of one attempt. */
export function createContext({ order, output, call, signal }: ContextParts): TaskContext {
  const ask = asker(call);
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
    params: objectOf(order.paramsJson),
    inputs: objectOf(order.inputsJson),
    get signal() {
      return signal();
    },
    log: logOf(output),
    xcom: xcomsOf(order, ask),
    variables: variablesOf(ask),
    conn: connectionsOf(order, output, ask),
    triggerDagRun: triggerOf(ask),
    taskStates: async () => {
      const { states } = await ask('getTaskStates', {});
      return (states ?? {}) as { readonly [taskId: string]: string };
    },
  };
}

type Ask = (method: CallMethod, input: Fields) => Promise<Fields>;

function asker(call: Call): Ask {
  return async (method, input) => {
    const answer = await call({ method, input });
    if (answer.kind === 'ok') return answer.output;
    throw new CallError(answer.code, answer.message);
  };
}

function logOf(output: Output): TaskLog {
  const at =
    (level: Level) =>
    (...values: readonly unknown[]) =>
      writeLine(output, { level, stream: 'task', message: format(values) });
  return { debug: at('debug'), info: at('info'), warn: at('warning'), error: at('error') };
}

function xcomsOf(order: RunOrder, ask: Ask): XComs {
  return {
    push: async (key, value) => {
      const valueJson = JSON.stringify(value);
      if (valueJson === undefined)
        throw new TypeError(`XCom "${key}" is a ${typeof value}, which JSON cannot say`);
      const bytesCount = Buffer.byteLength(valueJson);
      if (bytesCount > order.xcomBytesMax) {
        throw new RangeError(
          `XCom "${key}" has ${bytesCount} bytes; at most ${order.xcomBytesMax} are allowed`,
        );
      }
      await ask('pushXCom', { xcom: { key, valueJson } });
    },
    pull: async <T>(source: XComSource = {}) => {
      const { taskId = '', key = '', mapIndex } = source;
      const where: Fields = mapIndex === undefined ? { taskId, key } : { taskId, key, mapIndex };
      const answer = await orUndefined(ask('pullXCom', where));
      return answer === undefined ? undefined : (JSON.parse(String(answer['valueJson'])) as T);
    },
    list: async (taskId = '') => {
      const { keys } = await ask('listXComs', { taskId });
      return (keys ?? []) as readonly string[];
    },
    delete: async (key) => void (await ask('deleteXCom', { key })),
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

/**
 * Connections came with the lease; one that did not is asked for, which yields the mesh's own words
 * for why.
 */
function connectionsOf(order: RunOrder, output: Output, ask: Ask) {
  const known = new Map(order.connections.map((connection) => [connection.connId, connection]));
  output.mask = maskOf([...known.values()]);
  return async (connId: string): Promise<Connection> => {
    const leased = known.get(connId);
    if (leased !== undefined) return leased;
    const { connection } = await ask('getConnection', { connId });
    const fetched = connectionOf(connection as Fields);
    known.set(connId, fetched);
    output.mask = maskOf([...known.values()]);
    return fetched;
  };
}

function connectionOf(fields: Fields): Connection {
  const text = (name: string) => String(fields[name] ?? '');
  const port = Number(fields['port'] ?? 0);
  return {
    connId: text('connId'),
    connType: text('connType'),
    host: text('host'),
    schema: text('schema'),
    login: text('login'),
    password: text('password'),
    port: port === 0 ? undefined : port,
    extra: objectOf(text('extraJson')),
  };
}

function triggerOf(ask: Ask) {
  let triggersCount = 0;
  return async (dagId: string, options: TriggerOptions = {}): Promise<string> => {
    triggersCount += 1;
    const { conf, logicalDate, key = String(triggersCount) } = options;
    const { runId } = await ask('triggerDagRun', {
      dagId,
      key,
      confJson: conf === undefined ? '' : JSON.stringify(conf),
      ...(logicalDate === undefined ? {} : { logicalDate: logicalDate.toISOString() }),
    });
    return String(runId);
  };
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CallError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function objectOf(json: string): JsonObject {
  return json === '' ? {} : (JSON.parse(json) as JsonObject);
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

function intervalOf({ intervalStartMs, intervalEndMs }: RunOrder): TaskContext['dataInterval'] {
  const start = dateOf(intervalStartMs);
  const end = dateOf(intervalEndMs);
  return start === undefined || end === undefined ? undefined : { start, end };
}
