// Performs attempts in this process, with the pieces a worker's child runs them with.
import { fromJson, type JsonValue as ProtoJson, toJson } from '@bufbuild/protobuf';
import { AttemptReportSchema, LeaseSchema } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { TaskContext, TaskLog } from '../task/context.ts';
import { fillPlaceholders } from '../task/placeholders.ts';
import { connectionsOf, orderOf } from '../worker/attempts/order.ts';
import { reportOf } from '../worker/attempts/report.ts';
import { createContext, objectOf } from '../worker/child/context.ts';
import { endingOfError, endingOfMissing, endingOfValue } from '../worker/child/ending.ts';
import { closeOutput, format, openOutput } from '../worker/child/output.ts';
import { transformed } from '../worker/child/transforms.ts';
import type { AssetUpdate, CallAnswer, CallRequest, Ending, RunOrder } from '../worker/ipc.ts';
import { DEFAULT_LIMITS } from '../worker/session/limits.ts';
import { type Cast, isSensor, setClock } from './bodies.ts';
import { livingBy, type VirtualClock } from './virtual-time.ts';

/** A line that a task logged, or how its try ended when that was no success. */
export type LogLine = {
  /** E.g. `load` or `load[3]`. */
  readonly task: string;
  readonly tryNumber: number;
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly message: string;
};

/** Performs what the simulator tells of. */
export type Performer = { hear(event: JsonObject): void };

/** What a performer works with. */
export type PerformerOptions = {
  readonly cast: Cast;
  readonly tell: (message: JsonObject) => void;
  /** Takes the lines of a run. */
  readonly onLine: (run: { readonly dagId: string; readonly runId: string }, line: LogLine) => void;
};

/** A performer. */
export function createPerformer(options: PerformerOptions): Performer {
  const performing = new Map<string, Performing>();
  let seq = 0;

  const perform = async (event: JsonObject) => {
    const attempt = String(event['attempt']);
    const lease = fromJson(LeaseSchema, event['lease'] as ProtoJson, { ignoreUnknownFields: true });
    seq += 1;
    const given = { dagsFolder: '', limits: DEFAULT_LIMITS, connections: connectionsOf(lease) };
    const order = orderOf(lease, seq, given);
    const stage = new Performing(attempt, options.tell);
    stage.setNow(event);
    performing.set(attempt, stage);
    const ending = await endingOf(order, stage, options);
    performing.delete(attempt);
    if (stage.isStopped) return;
    const report = toJson(AttemptReportSchema, reportOf(ending, attempt, 0)) as JsonObject;
    options.tell({ op: 'outcome', attempt, report });
  };

  return {
    hear: (event) => {
      if (event['event'] === 'perform') return void perform(event);
      performing.get(String(event['attempt']))?.hear(event);
    },
  };
}

/** One attempt's side of the protocol: its clock, its calls, its end. */
class Performing implements VirtualClock {
  readonly #attempt: string;
  readonly #tell: (message: JsonObject) => void;
  readonly #controller = new AbortController();
  readonly #calls = new Map<number, (answer: CallAnswer) => void>();
  #callsCount = 0;
  #nowMs = 0;
  #onAwake: () => void = () => undefined;

  constructor(attempt: string, tell: (message: JsonObject) => void) {
    this.#attempt = attempt;
    this.#tell = tell;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isStopped(): boolean {
    return this.signal.aborted;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setNow(event: JsonObject): void {
    this.#nowMs = Number(event['now_ms']);
  }

  sleep(ms: number): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onAwake = resolve;
      this.#tell({ op: 'sleep', attempt: this.#attempt, ms });
    });
  }

  call({ method, input }: CallRequest): Promise<CallAnswer> {
    this.#callsCount += 1;
    const call = this.#callsCount;
    return new Promise((resolve) => {
      this.#calls.set(call, resolve);
      this.#tell({ op: 'call', attempt: this.#attempt, call, method, input });
    });
  }

  hear(event: JsonObject): void {
    if (event['event'] === 'awake') {
      this.setNow(event);
      this.#onAwake();
    } else if (event['event'] === 'stop') {
      this.#controller.abort(new DOMException(String(event['reason']), 'AbortError'));
      this.#onAwake();
    } else {
      this.#calls.get(Number(event['call']))?.(callAnswerOf(event));
      this.#calls.delete(Number(event['call']));
    }
  }
}

function callAnswerOf(event: JsonObject): CallAnswer {
  const error = event['error'] as JsonObject | undefined;
  if (error === undefined) return { kind: 'ok', output: event['output'] as JsonObject };
  return { kind: 'refused', code: String(error['code']), message: String(error['message']) };
}

/** Runs an attempt as a worker's child would, and tells the log how it ended. */
async function endingOf(
  order: RunOrder,
  stage: Performing,
  { cast, onLine }: PerformerOptions,
): Promise<Ending> {
  const { taskId, mapIndex, tryNumber } = order;
  const task = mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
  const say = (level: LogLine['level'], message: string) =>
    onLine(order, { task, tryNumber, level, message });
  const output = openOutput(order.seq, order.lineBytesMax);
  let mapLabel = '';
  try {
    if (order.builtIn !== undefined) return actedOut(order, say);
    const body = cast.bodyOf(order);
    if (typeof body === 'string') return told(endingOfMissing(body), say);
    const change = changeOf(cast);
    const inputs = await transformed(objectOf(order.inputsJson), order.inputTransforms, change);
    mapLabel = fillPlaceholders(order.mapIndexTemplate, inputs);
    const updates: AssetUpdate[] = [];
    const { signal } = stage;
    const call = (request: CallRequest) => stage.call(request);
    const parts = { order, inputs, updates, output, call, signal: () => signal };
    const context: TaskContext = { ...createContext(parts), signal, log: logOf(say) };
    setClock(context, stage);
    const run = async () => await body(context as TaskContext<never>);
    const value = await (isSensor(body) ? livingBy(stage, run) : run());
    return { ...endingOfValue(value, order.xcomBytesMax, updates), mapLabel };
  } catch (error) {
    return { ...told(endingOfError(error), say), mapLabel };
  } finally {
    closeOutput(output);
  }
}

/** Nobody is told anything by a test: what would be sent stands in the log. */
function actedOut({ builtIn, inputsJson }: RunOrder, say: Say): Ending {
  const where = builtIn?.kind === 'email' ? builtIn.to.join(', ') : builtIn?.url;
  say('info', `a ${builtIn?.kind} to ${where} would say: ${inputsJson}`);
  return endingOfValue(undefined, DEFAULT_LIMITS.xcomBytesMax);
}

type Say = (level: LogLine['level'], message: string) => void;

function told(ending: Ending, say: Say): Ending {
  if (ending.kind === 'failed') say('error', ending.failure.stack || ending.failure.message);
  if (ending.kind === 'skipped') say('info', `skipped: ${ending.reason}`);
  return ending;
}

function logOf(say: Say): TaskLog {
  const at =
    (level: LogLine['level']) =>
    (...values: readonly unknown[]) =>
      say(level, format(values));
  return { debug: at('debug'), info: at('info'), warn: at('warning'), error: at('error') };
}

function changeOf(cast: Cast) {
  return async (handler: string, value: JsonValue): Promise<JsonValue> => {
    const change = cast.functionOf(handler);
    if (change === undefined) throw new TypeError(`there is no function behind "${handler}"`);
    const json = JSON.stringify((await change(value)) ?? null);
    return JSON.parse(json) as JsonValue;
  };
}
