// What ends a sensor, row by row: what its poke throws, or the time that runs out, by its flags and
// its mode.
import { describe, expect, it } from 'vitest';
import { type BodyClock, withClock } from '../../sdk/typescript/src/task/clock.ts';
import type { TaskContext } from '../../sdk/typescript/src/task/context.ts';
import {
  FailTask,
  RescheduleTask,
  SensorTimeout,
  SkipTask,
} from '../../sdk/typescript/src/task/outcomes.ts';
import { sensor } from '../../sdk/typescript/src/task/sensor.ts';
import { tablesOf } from './play/tables.ts';

type Event =
  | 'skip'
  | 'sensor_timeout'
  | 'fail'
  | 'other'
  | 'own_timeout'
  | 'trigger_timeout'
  | 'trigger_failure';
type Flag = 'soft_fail' | 'never_fail' | 'silent_fail';

type Row = {
  readonly name: string;
  /** `resumed`: it goes on after a deferral. */
  readonly mode: 'poke' | 'reschedule' | 'resumed';
  readonly event: Event;
  readonly flags: readonly Flag[];
  /** `failed` may be tried again, `failed_for_good` is not. */
  readonly outcome: 'skipped' | 'failed' | 'failed_for_good' | 'pokes_again';
};

/** Sleeping takes no time, but the clock goes on. */
function clockAt(startMs: number): BodyClock {
  let atMs = startMs;
  return {
    nowMs: () => atMs,
    monotonicMs: () => atMs,
    sleep: async (ms) => {
      atMs += ms;
    },
  };
}

describe.each(tablesOf<Row>('sensor-ends'))('$title', ({ rows }) => {
  it.each([...rows])('$name', async (row) => {
    expect(await outcomeOf(row)).toBe(row.outcome);
  });
});

async function outcomeOf({ mode, event, flags }: Row): Promise<Row['outcome']> {
  let pokesCount = 0;
  const body = sensor(
    () => {
      pokesCount += 1;
      if (event === 'own_timeout') return false;
      if (pokesCount === 1) throw errorOf(event);
      return true;
    },
    {
      mode: mode === 'reschedule' ? 'reschedule' : 'poke',
      ...{ pokeInterval: '10s', timeout: '1h' },
      softFail: flags.includes('soft_fail'),
      neverFail: flags.includes('never_fail'),
      silentFail: flags.includes('silent_fail'),
    },
  );
  const context = withClock(contextFor(mode, event), clockAt(Date.UTC(2026, 0, 1)));
  const error: unknown = await Promise.resolve(body(context)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SkipTask) return 'skipped';
  if (error instanceof FailTask) return 'failed_for_good';
  const isAgain = mode === 'reschedule' ? error instanceof RescheduleTask : pokesCount === 2;
  return isAgain ? 'pokes_again' : 'failed';
}

function errorOf(event: Event): Error {
  if (event === 'skip') return new SkipTask('as planned');
  if (event === 'fail') return new FailTask('as planned');
  return event === 'sensor_timeout' ? new SensorTimeout('as planned') : new Error('as planned');
}

/** A sensor whose time is over has waited for two hours already. */
function contextFor(mode: Row['mode'], event: Event): TaskContext {
  const triggerErrors = { trigger_timeout: 'trigger_timeout', trigger_failure: 'it broke' };
  const error = Object.entries(triggerErrors).find(([name]) => name === event)?.[1];
  const resume = { method: '', state: null, event: undefined, error, response: undefined };
  return {
    dagId: 'd',
    taskId: 's',
    signal: new AbortController().signal,
    log: { error: () => undefined },
    ...(mode === 'resumed' ? { resume } : {}),
    ...(event === 'own_timeout' ? { waitingSince: new Date(Date.UTC(2025, 11, 31, 22)) } : {}),
  } as unknown as TaskContext;
}
