// Cron schedules in every time zone there is, against the brute-force oracle and their own laws.
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { scanMinutes } from './cron-oracle.ts';
import { createCronTicks, nextTick, prevTick, tickAtOrAfter } from './cron-ticks.ts';

const ZONES = Intl.supportedValuesOf('timeZone');
const DAY_MS = 86_400_000;
const FROM_MS = Date.UTC(1990, 0, 1);
const UNTIL_MS = Date.UTC(2041, 0, 1);

const SHAPES = [
  ...['* * * * *', '*/5 * * * *', '*/7 * * * *', '0 * * * *', '30 * * * *', '59 * * * *'],
  ...['7,43 * * * *', '10-20/3 * * * *', '55-5 * * * *', '0 */1 * * *', '15 0-23 * * *'],
  ...['0 */2 * * *', '30 */2 * * *', '*/15 */3 * * *', '0 */6 * * *', '20 1-23/2 * * *'],
  ...['0 0 * * *', '59 23 * * *', '0 0,12 * * *', '30 0 * * *', '0 1 * * *', '30 1 * * *'],
  ...['0 2 * * *', '30 2 * * *', '10 2 * * *', '0 3 * * *', '30 3 * * *', '0 4 * * *'],
  ...['15,45 1-3 * * *', '*/7 0-4 * * *', '* 2 * * *', '* 0 * * *', '10,35 2,23 * * *'],
  ...['0 22-2 * * *', '*/20 23-1 * * *', '30 2 1 * *', '0 0 1 * *', '30 2 L * *', '0 1 15,L * *'],
  ...['0 2 28-L * *', '0 */6 29-31 * *', '0 0 */2 * *', '0 2 * * 0', '30 1 * * 7', '30 2 * * sun'],
  ...['0 * * * 0', '0 3 * * 1-5', '0 3 * * fri-mon', '0 0 * * sat,SUN', '15 2 * * 0#1'],
  ...['15 2 * * 0#5', '15 2 * * 0L', '30 2 * * L0', '0 2 * * mon#1,sun#4', '0 0 * * 6#2'],
  ...['0 1 1-7 * 6', '0 0 13 * 5', '30 2 */2 * 0', '30 2 * 3,10 *', '30 2 * apr,SEP,oct *'],
  ...['0 3 * nov-mar *', '0 0 28,29 2 *', '5 4 30 12 *', '0 0 1 1 *', '0 12 30 12 *'],
  ...['0 0 ? * 0', '30 1 1 * ?', '0 * * * * 30', '*/10 * * * * 0,15', '30 2 * * * */20'],
  ...['30 2 15W * *', '0 1 w1 * *', '15 3 31W * *', '0 * 30W * *', '30 2 * * * 0 */2'],
  ...['0 0 * * * 59', '45 1 * * 0 10-50/20', '30 */2 * * * 30'],
] as const;

/** Another one each time; write the one of a failure here to see it again. */
const seed = Math.floor(performance.timeOrigin) % 1_000_000_000;

const changesByZone = new Map(ZONES.map((zone) => [zone, findChanges(zone)]));

/** Days on which a zone's clock was or will be changed, 1990–2040. */
function findChanges(zone: string): readonly number[] {
  const changes: number[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(FROM_MS).toZonedDateTimeISO(zone);
  for (;;) {
    const change = at.getTimeZoneTransition('next');
    if (change === null || change.epochMilliseconds >= UNTIL_MS) return changes;
    changes.push(Math.floor(change.epochMilliseconds / DAY_MS) * DAY_MS);
    at = change;
  }
}

const anyZone = fc.constantFrom(...ZONES);
const anyShape = fc.constantFrom(...SHAPES);
const anyInstant = fc
  .integer({ min: FROM_MS / 1_000, max: UNTIL_MS / 1_000 })
  .map((s) => s * 1_000);

/** An instant of some year, or one within a day of a change of the zone's clock. */
function instantOf(zone: string): fc.Arbitrary<number> {
  const changes = changesByZone.get(zone) ?? [];
  if (changes.length === 0) return anyInstant;
  const nearby = fc.integer({ min: -DAY_MS / 1_000, max: (2 * DAY_MS) / 1_000 });
  const near = fc.tuple(fc.constantFrom(...changes), nearby).map(([at, s]) => at + s * 1_000);
  return fc.oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: anyInstant });
}

describe(`with the seed ${seed}`, { timeout: 120_000 }, () => {
  test('there are zones and shapes enough', () => {
    expect(ZONES.length).toBeGreaterThan(400);
    expect(SHAPES.length).toBeGreaterThanOrEqual(60);
  });

  test('every zone ticks as a scan of every minute says, at changes of its clock', () => {
    const draws = fc.sample(fc.infiniteStream(fc.nat()), { seed, numRuns: 1 })[0];
    const draw = () => Number(draws?.next().value);
    const pick = <T>(choices: readonly T[]) => choices[draw() % choices.length];
    const anyDay = () => FROM_MS + (draw() % ((UNTIL_MS - FROM_MS) / DAY_MS)) * DAY_MS;
    for (const zone of ZONES) {
      const changes = changesByZone.get(zone) ?? [];
      const days = [pick(changes) ?? anyDay(), pick(changes) ?? anyDay()];
      for (const day of days) {
        const window = { zone, fromMs: day, minutes: 36 * 60 };
        const scan = scanMinutes(window);
        const shapes = new Set(Array.from({ length: 5 }, () => pick(SHAPES) ?? '0 0 * * *'));
        for (const shape of shapes) {
          const what = `${shape} in ${zone} at ${new Date(day).toISOString()}`;
          const expected = scan(shape);
          expect(ticksBetween(shape, zone, day, day + 36 * 3_600_000), what).toEqual(expected);
        }
      }
    }
  });

  test('the next tick is later, and the one before it is where one came from', () => {
    const asked = anyZone.chain((zone) => fc.tuple(fc.constant(zone), anyShape, instantOf(zone)));
    fc.assert(
      fc.property(asked, ([zone, shape, atMs]) => {
        const ticks = createCronTicks(shape, zone);
        const first = nextTick(ticks, atMs) ?? Infinity;
        const second = nextTick(ticks, first) ?? Infinity;
        expect(first).toBeGreaterThan(atMs);
        expect(second).toBeGreaterThan(first);
        expect(prevTick(ticks, second)).toBe(first);
        expect(prevTick(ticks, first) ?? -Infinity).toBeLessThanOrEqual(atMs);
        expect(nextTick(ticks, prevTick(ticks, first) ?? Number.NaN)).toBe(first);
        expect(tickAtOrAfter(ticks, first)).toBe(first);
      }),
      { seed, numRuns: 3_000 },
    );
  });
});

function ticksBetween(shape: string, zone: string, fromMs: number, untilMs: number): number[] {
  const ticks = createCronTicks(shape, zone);
  const found: number[] = [];
  let atMs = nextTick(ticks, fromMs - 1);
  while (atMs !== undefined && atMs < untilMs) {
    found.push(atMs);
    atMs = nextTick(ticks, atMs);
  }
  return found;
}
