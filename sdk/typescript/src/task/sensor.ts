// Bodies that wait for something by looking again and again: `sensor(poke, options)`.
//
// A sensor pokes at least once. What a poke answers ends the wait well; what it throws goes through
// one table; and after a poke that found nothing the time is checked. In mode `poke` the attempt
// keeps its slot and sleeps; in mode `reschedule` it gives the slot back until the next poke. The
// time counts over all tries of the run, as far as the mesh knows when the wait began.
import { DagError, declaring } from '../author/checks/dag-error.ts';
import { type Duration, durationMs } from '../author/values/duration.ts';
import { requireShapes, type Shapes } from '../author/checks/shapes.ts';
import { clockOf } from './clock.ts';
import type { TaskBody, TaskContext } from './context.ts';
import {
  AwaitInput,
  DeferTask,
  FailTask,
  RescheduleTask,
  SensorTimeout,
  SkipTask,
} from './outcomes.ts';
import {
  type SensorFlags,
  type SensorReaction,
  reactionTo,
  reactionToTimeout,
} from './poke-failure.ts';
import { pokeDelayS, type PokeTiming, pythonTime } from './poke-interval.ts';

/** What a poke answers: whether the wait is over, and perhaps a value for the sensor's XCom. */
export type PokeAnswer<Value = unknown> =
  | boolean
  | { readonly isDone: boolean; readonly xcom?: Value };

/** How a sensor waits. */
export type SensorOptions = {
  /** `poke` (default) keeps the slot, `reschedule` gives it back between two pokes. */
  readonly mode?: 'poke' | 'reschedule';
  /** `'60s'` by default. */
  readonly pokeInterval?: Duration;
  /** `'7d'` by default, over all tries of the run. */
  readonly timeout?: Duration;
  /** True: the wait doubles from poke to poke; false by default. */
  readonly exponentialBackoff?: boolean;
  /** Upper bound of the wait with backoff. */
  readonly maxWait?: Duration;
} & Partial<SensorFlags>;

/** The options of a sensor with the defaults filled in. */
export type SensorSettings = SensorFlags & {
  readonly isRescheduling: boolean;
  readonly pokeIntervalMs: number;
  readonly timeoutMs: number;
  readonly exponentialBackoff: boolean;
  readonly maxWaitMs: number | undefined;
};

const SENSOR_SHAPES: Shapes<SensorOptions> = {
  mode: 'text',
  pokeInterval: 'span',
  timeout: 'span',
  exponentialBackoff: 'flag',
  maxWait: 'span',
  softFail: 'flag',
  neverFail: 'flag',
  silentFail: 'flag',
};
/** With backoff nothing is left at the very end of the timeout, and time must go on. */
const DELAY_MIN_MS = 1;
const SETTINGS = new WeakMap<object, SensorSettings>();

/**
 * The body of a task that waits until `poke` answers true. Throws a DagError for options that
 * contradict each other.
 */
export function sensor<Inputs, Value = undefined>(
  poke: TaskBody<Inputs, PokeAnswer<Value> | Promise<PokeAnswer<Value>>>,
  options: SensorOptions = {},
): TaskBody<Inputs, Promise<Value>> {
  const settings = settingsOf(options);
  const body: TaskBody<Inputs, Promise<Value>> = (context) =>
    wait({ poke, settings }, context) as Promise<Value>;
  SETTINGS.set(body, settings);
  return body;
}

/** The settings of a body that `sensor` made; undefined for any other. */
export function sensorSettings(body: object): SensorSettings | undefined {
  return SETTINGS.get(body);
}

type Sensor<Inputs> = {
  readonly poke: TaskBody<Inputs, PokeAnswer | Promise<PokeAnswer>>;
  readonly settings: SensorSettings;
};

async function wait<Inputs>(sensor: Sensor<Inputs>, context: TaskContext<Inputs>) {
  const { settings } = sensor;
  const clock = clockOf(context);
  const beganMs = clock.monotonicMs();
  const sinceMs = context.waitingSince?.getTime() ?? clock.nowMs();
  const waitedMs = Math.max(0, clock.nowMs() - sinceMs);
  const elapsedMs = () => waitedMs + clock.monotonicMs() - beganMs;
  const isRescheduling = settings.isRescheduling;
  const startedAt = isRescheduling ? pythonTime(new Date(sinceMs)) : String(beganMs / 1_000);
  for (let pokesCount = 1; ; pokesCount += 1) {
    const answer = await pokeOnce(sensor, context);
    if (isOver(answer)) return typeof answer === 'object' ? answer.xcom : undefined;
    if (elapsedMs() > settings.timeoutMs) throw timedOut(settings);
    const progress = { startedAt, elapsedS: elapsedMs() / 1_000 };
    const delayMs = delayAfter(settings, context, {
      ...progress,
      pokesCount: isRescheduling ? undefined : pokesCount,
    });
    if (isRescheduling) throw new RescheduleTask(new Date(clock.nowMs() + delayMs));
    await clock.sleep(delayMs, context.signal);
    context.signal.throwIfAborted();
  }
}

async function pokeOnce<Inputs>(
  { poke, settings }: Sensor<Inputs>,
  context: TaskContext<Inputs>,
): Promise<PokeAnswer> {
  try {
    requireGoodResume(context);
    return await poke(context);
  } catch (error) {
    if (isWaiting(error)) throw error;
    const reaction = reactionTo(thrownBy(error), settings, context.resume !== undefined);
    return follow(reaction, error, context);
  }
}

function follow(reaction: SensorReaction, error: unknown, { log }: Pick<TaskContext, 'log'>) {
  if (reaction === 'raise') throw error;
  const words = error instanceof Error ? error.message : String(error);
  if (reaction === 'skip') throw new SkipTask(`The sensor failed softly: ${words}`);
  log.error('poking failed, which counts as not yet:', error);
  return false;
}

/** A deferral that failed is a failure of the wait; there is nothing to poke for. */
function requireGoodResume({ resume }: Pick<TaskContext, 'resume'>): void {
  if (resume?.error === undefined) return;
  if (resume.error === 'trigger_timeout') {
    throw new SensorTimeout('The trigger did not fire in time.');
  }
  throw new Error(`The trigger failed: ${resume.error}`);
}

function isOver(answer: PokeAnswer): boolean {
  return typeof answer === 'object' ? answer.isDone : answer;
}

function timedOut(settings: SensorSettings): Error {
  const words = `The sensor found nothing within its timeout of ${settings.timeoutMs / 1_000} s.`;
  return reactionToTimeout(settings) === 'skip' ? new SkipTask(words) : new SensorTimeout(words);
}

function delayAfter(
  settings: SensorSettings,
  { dagId, taskId }: Pick<TaskContext, 'dagId' | 'taskId'>,
  progress: Parameters<typeof pokeDelayS>[1],
): number {
  const timing: PokeTiming = {
    dagId,
    taskId,
    pokeIntervalS: settings.pokeIntervalMs / 1_000,
    timeoutS: settings.timeoutMs / 1_000,
    exponentialBackoff: settings.exponentialBackoff,
    maxWaitS: settings.maxWaitMs === undefined ? undefined : settings.maxWaitMs / 1_000,
  };
  return Math.max(DELAY_MIN_MS, pokeDelayS(timing, progress) * 1_000);
}

function thrownBy(error: unknown) {
  if (error instanceof SkipTask) return 'skip';
  return error instanceof FailTask ? 'final' : 'other';
}

function isWaiting(error: unknown): boolean {
  return (
    error instanceof DeferTask || error instanceof RescheduleTask || error instanceof AwaitInput
  );
}

function settingsOf(options: SensorOptions): SensorSettings {
  requireShapes('sensor()', options, SENSOR_SHAPES);
  const { mode = 'poke', softFail = false, neverFail = false, silentFail = false } = options;
  if (mode !== 'poke' && mode !== 'reschedule') {
    throw new DagError(`the mode of a sensor is poke or reschedule, not "${String(mode)}"`);
  }
  if (softFail && neverFail) {
    throw new DagError('a sensor has softFail or neverFail, not both; neverFail covers more');
  }
  const spanMs = (option: string, span: Duration) => declaring(option, () => durationMs(span));
  const { maxWait } = options;
  return {
    isRescheduling: mode === 'reschedule',
    pokeIntervalMs: spanMs('pokeInterval', options.pokeInterval ?? '60s'),
    timeoutMs: spanMs('timeout', options.timeout ?? '7d'),
    exponentialBackoff: options.exponentialBackoff ?? false,
    maxWaitMs: maxWait === undefined ? undefined : spanMs('maxWait', maxWait),
    softFail,
    neverFail,
    silentFail,
  };
}
