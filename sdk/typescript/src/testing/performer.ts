// Performs attempts in this process, with the pieces a worker's child runs them with.
import { fromJson, type JsonValue as ProtoJson, toJson } from '@bufbuild/protobuf';
import { AttemptReportSchema, LeaseSchema } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { withClock } from '../task/clock.ts';
import type { TaskContext, TaskLog } from '../task/context.ts';
import { fillPlaceholders } from '../task/placeholders.ts';
import { connectionsOf, orderOf } from '../worker/attempts/order.ts';
import { reportOf } from '../worker/attempts/report.ts';
import { createContext, objectOf } from '../worker/child/context.ts';
import { endingOfError, endingOfMissing, endingOfValue } from '../worker/child/ending.ts';
import { closeOutput, format, openOutput } from '../worker/child/output.ts';
import { transformed } from '../worker/child/transforms.ts';
import type { AssetUpdate, CallRequest, Ending, RunOrder } from '../worker/ipc.ts';
import { DEFAULT_LIMITS } from '../worker/session/limits.ts';
import type { Cast } from './cast.ts';
import { TestDagError } from './simulator.ts';
import { Stage } from './stage.ts';

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
  /** How long a body may run in real time between two sleeps. */
  readonly patienceMs: number;
  /** The play cannot go on: a body does not end. */
  readonly onStuck: (error: TestDagError) => void;
};

/** A performer. */
export function createPerformer(options: PerformerOptions): Performer {
  const stages = new Map<string, Stage>();
  let seq = 0;

  const perform = async (event: JsonObject) => {
    const attempt = String(event['attempt']);
    const lease = fromJson(LeaseSchema, event['lease'] as ProtoJson, { ignoreUnknownFields: true });
    seq += 1;
    const given = { dagsFolder: '', limits: DEFAULT_LIMITS, connections: connectionsOf(lease) };
    const order = orderOf(lease, seq, given);
    const { tell, patienceMs } = options;
    const onStuck = () => options.onStuck(stuck(order, patienceMs));
    const stage = new Stage({ attempt, tell, patienceMs, onStuck }, Number(event['now_ms']));
    stages.set(attempt, stage);
    const ending = await endingOf(order, stage, options);
    await stage.left();
    stages.delete(attempt);
    if (stage.signal.aborted) return;
    const report = toJson(AttemptReportSchema, reportOf(ending, attempt, 0)) as JsonObject;
    tell({ op: 'outcome', attempt, report });
  };

  return {
    hear: (event) => {
      if (event['event'] === 'perform') return void perform(event);
      stages.get(String(event['attempt']))?.hear(event);
    },
  };
}

function stuck({ dagId, taskId }: RunOrder, patienceMs: number): TestDagError {
  return new TestDagError(
    'body_timeout',
    `the code of task "${taskId}" of ${dagId} has run for ${patienceMs / 1_000} s of real time ` +
      `without an end. Put something in its place, bodies: { '${taskId}': returns(…) }, let it ` +
      'wait with sleep(context, …), or give it longer: bodyTimeout',
  );
}

/** Runs an attempt as a worker's child would, and tells the log how it ended. */
async function endingOf(
  order: RunOrder,
  stage: Stage,
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
    const value = await body(withClock(context, stage) as TaskContext<never>);
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
