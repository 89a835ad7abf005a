// A sensor from its first poke to its end, on a clock that the test turns.
import { expect, test } from 'vitest';
import { type BodyClock, withClock } from './clock.ts';
import type { TaskContext } from './context.ts';
import { DeferTask, FailTask, RescheduleTask, SensorTimeout, SkipTask } from './outcomes.ts';
import { type PokeAnswer, type SensorOptions, sensor } from './sensor.ts';
import { trigger } from '../author/waiting/triggers.ts';

const START_MS = Date.UTC(2026, 0, 1);

/** Sleeps at once and remembers for how long. */
function clockAt(startMs: number) {
  let atMs = startMs;
  const sleptMs: number[] = [];
  const clock: BodyClock & { readonly sleptMs: readonly number[] } = {
    sleptMs,
    nowMs: () => atMs,
    monotonicMs: () => atMs,
    sleep: async (ms) => {
      sleptMs.push(ms);
      atMs += ms;
    },
  };
  return clock;
}

type Poke = (context: TaskContext) => PokeAnswer | Promise<PokeAnswer>;

async function run(poke: Poke, options: SensorOptions, facts: Partial<TaskContext> = {}) {
  const clock = clockAt(START_MS);
  const context = {
    dagId: 'd',
    taskId: 's',
    signal: new AbortController().signal,
    log: { error: () => undefined },
    ...facts,
  } as unknown as TaskContext;
  let pokesCount = 0;
  const body = sensor((given: TaskContext) => {
    pokesCount += 1;
    return poke(given);
  }, options);
  const ended = await Promise.resolve(body(withClock(context, clock))).then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return { ...ended, clock, pokesCount };
}

/** Answers `false` so many times, then `true`. */
function after(count: number): Poke {
  let left = count;
  return () => (left -= 1) < 0;
}

test('in mode poke it sleeps between its pokes until one answers true', async () => {
  const { clock, pokesCount, ...ended } = await run(after(3), { pokeInterval: '10s' });
  expect(ended).toEqual({ value: undefined });
  expect(pokesCount).toBe(4);
  expect(clock.sleptMs).toEqual([10_000, 10_000, 10_000]);
});

test('a poke may hand over a value', async () => {
  const ended = await run(() => ({ isDone: true, xcom: { file: 'a.csv' } }), {});
  expect(ended).toMatchObject({ value: { file: 'a.csv' } });
});

test('in mode reschedule it asks to be run again after the interval', async () => {
  const ended = await run(() => false, { mode: 'reschedule', pokeInterval: '5m' });
  expect(ended).toMatchObject({ error: { name: 'RescheduleTask' } });
  const { error } = ended as { readonly error: unknown };
  expect(error instanceof RescheduleTask && error.at.getTime()).toBe(START_MS + 300_000);
});

test('the time counts since it first waited in this run, whatever the try', async () => {
  const waitingSince = new Date(START_MS - 3_600_001);
  const options = { mode: 'reschedule', timeout: '1h' } as const;
  const late = await run(() => false, options, { waitingSince, tryNumber: 3 });
  expect(late).toMatchObject({ error: { name: 'SensorTimeout' } });
  const first = await run(() => false, options);
  expect(first).toMatchObject({ error: { name: 'RescheduleTask' } });
});

test('it pokes at least once, and a poke that finds something late still counts', async () => {
  const waitingSince = new Date(START_MS - 10 * 86_400_000);
  expect(await run(() => true, { timeout: '1h' }, { waitingSince })).toMatchObject({
    pokesCount: 1,
  });
});

test('the time is over only after more than the timeout', async () => {
  const options = { pokeInterval: '30s', timeout: '1m' } as const;
  const { pokesCount, ...ended } = await run(() => false, options);
  expect(ended).toMatchObject({ error: { name: 'SensorTimeout' } });
  // At 0, 30, 60 (not over yet) and 90 seconds.
  expect(pokesCount).toBe(4);
});

test('with backoff it ends, too, on a clock that stands still between its looks', async () => {
  const options = { pokeInterval: '30s', timeout: '1m', exponentialBackoff: true } as const;
  const { clock, ...ended } = await run(after(1_000), options);
  expect(ended).toMatchObject({ error: { name: 'SensorTimeout' } });
  expect(clock.nowMs()).toBe(START_MS + 60_001);
});

test('its timeout is final, and a skip with softFail', async () => {
  const options = { pokeInterval: '1s', timeout: '2s' } as const;
  const hard = (await run(() => false, options)) as { readonly error?: unknown };
  expect(hard.error).toBeInstanceOf(FailTask);
  const never = await run(() => false, { ...options, neverFail: true });
  expect(never).toMatchObject({ error: { name: 'SensorTimeout' } });
  const soft = (await run(() => false, { ...options, softFail: true })) as { error?: unknown };
  expect(soft.error).toBeInstanceOf(SkipTask);
});

test('with silentFail a broken poke counts as not yet', async () => {
  let isBroken = true;
  const poke = () => {
    if (!isBroken) return true;
    isBroken = false;
    throw new Error('no route to host');
  };
  expect(await run(poke, { silentFail: true })).toMatchObject({ value: undefined, pokesCount: 2 });
});

test('a poke may defer, and what the trigger brings is not taken for a failure', async () => {
  const defer = new DeferTask({ trigger: trigger.after('1h') });
  const poke = () => {
    throw defer;
  };
  expect(await run(poke, { neverFail: true })).toMatchObject({ error: defer });
});

test.each([
  ['trigger_timeout', {}, SensorTimeout],
  ['the file server is gone', {}, Error],
  ['trigger_timeout', { softFail: true }, SkipTask],
  ['the file server is gone', { neverFail: true }, SkipTask],
])('resumed with the error %j and %j it ends without a poke', async (error, options, kind) => {
  const resume = { method: '', state: null, event: undefined, error, response: undefined };
  const { pokesCount, ...ended } = await run(() => true, options, { resume });
  expect(pokesCount).toBe(0);
  expect((ended as { readonly error?: unknown }).error).toBeInstanceOf(kind);
});

test('an attempt that must end does not sleep on', async () => {
  const controller = new AbortController();
  const poke = () => {
    controller.abort(new Error('cancelled'));
    return false;
  };
  const ended = await run(poke, {}, { signal: controller.signal });
  expect(ended).toMatchObject({ error: { message: 'cancelled' }, pokesCount: 1 });
});

test.each<[string, SensorOptions, RegExp]>([
  ['two ways not to fail', { softFail: true, neverFail: true }, /not both/],
  ['an unknown mode', { mode: 'deferrable' as never }, /poke or reschedule, not "deferrable"/],
  ['a negative timeout', { timeout: -1 }, /timeout: -1 is not a span of time/],
])('a sensor with %s is refused', (_, options, words) => {
  expect(() => sensor(() => true, options)).toThrow(words);
});
