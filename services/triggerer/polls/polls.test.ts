// Questions are shared, repeated and bounded, and one bad member or answer harms no other.
import { describe, expect, it } from 'vitest';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { Alarms } from '../alarms.ts';
import type { Outcome } from '../core/outcome.ts';
import { createEvents } from '../events.ts';
import { type Member, Polls } from './polls.ts';
import { createTurnstile } from './turnstile.ts';

type Asked = { readonly atMs: number; readonly questions: readonly string[] };

function setUp(options: { readonly laneMax?: number } = {}) {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const world = { answer: 'no', takesMs: 0, error: undefined as unknown };
  let underway = 0;
  let mostUnderway = 0;
  const events = createEvents(createLog('test', 'silent'), createMetrics('test'));
  const polls = new Polls<string, string>({
    kind: 'http',
    alarms: new Alarms({ clock, time: 'elapsed', onError: events.alarmFailed }),
    turnstile: createTurnstile({ allMax: 10, laneMax: options.laneMax ?? 10 }),
    events,
    ask: async (questions, signal) => {
      asked.push({ atMs: clock.monotonicMs(), questions });
      underway += 1;
      mostUnderway = Math.max(mostUnderway, underway);
      if (world.takesMs > 0) await clock.sleep(world.takesMs, signal);
      underway -= 1;
      signal.throwIfAborted();
      if (world.error !== undefined) throw world.error;
      return world.answer;
    },
  });
  return { clock, asked, world, polls, mostUnderway: () => mostUnderway };
}

function aMember(own: Partial<Member<string, string>> = {}) {
  const ends: Outcome[] = [];
  const member: Member<string, string> = {
    key: 'q',
    lane: 'host',
    question: 'q',
    intervalMs: 1_000,
    judge: (answer) => (answer === 'yes' ? { kind: 'fired', event: {} } : undefined),
    end: (outcome) => ends.push(outcome),
    ...own,
  };
  return { member, ends };
}

describe('a poll', () => {
  it('asks at once, then about every interval, until the answer is as wished', async () => {
    const { clock, asked, world, polls } = setUp();
    const { member, ends } = aMember();
    polls.join(member);
    await clock.advance(5_000);
    expect(asked.length).toBeGreaterThanOrEqual(5);
    expect(asked.length).toBeLessThanOrEqual(7);
    world.answer = 'yes';
    await clock.advance(1_200);
    expect(ends).toEqual([{ kind: 'fired', event: {} }]);
    const count = asked.length;
    await clock.advance(10_000);
    expect({ count: asked.length, left: polls.size }).toEqual({ count, left: 0 });
  });

  it('is shared by members with one key, and asks for all of them at once', async () => {
    const { clock, asked, polls } = setUp();
    for (const question of ['a', 'b', 'c']) polls.join(aMember({ question }).member);
    await clock.advance(100);
    expect(asked).toEqual([{ atMs: 0, questions: ['a', 'b', 'c'] }]);
  });

  it('gives a new member only answers to what was asked after it came', async () => {
    const { clock, world, polls } = setUp();
    world.takesMs = 300;
    world.answer = 'yes';
    const early = aMember();
    const late = aMember();
    polls.join(early.member);
    await clock.advance(100);
    polls.join(late.member);
    await clock.advance(250);
    expect([early.ends.length, late.ends.length]).toEqual([1, 0]);
    await clock.advance(400);
    expect(late.ends.length).toBe(1);
  });

  it('asks soon for a new member, but not once for each of many', async () => {
    const { clock, asked, polls } = setUp();
    polls.join(aMember({ intervalMs: 60_000 }).member);
    for (let index = 0; index < 100; index += 1) {
      await clock.advance(10);
      polls.join(aMember({ intervalMs: 60_000 }).member);
    }
    await clock.advance(250);
    expect(asked.at(-1)?.questions.length).toBe(101);
    expect(asked.length).toBeLessThanOrEqual(7);
  });

  it('asks again when there was no answer', async () => {
    const { clock, asked, world, polls } = setUp();
    world.error = new Error('connection refused');
    const { member, ends } = aMember();
    polls.join(member);
    await clock.advance(2_500);
    expect(asked.length).toBeGreaterThanOrEqual(2);
    world.error = undefined;
    world.answer = 'yes';
    await clock.advance(1_200);
    expect(ends.length).toBe(1);
  });

  it('fails its members when no question of theirs can ever be answered', async () => {
    const { clock, world, polls } = setUp();
    world.error = fail('host_not_allowed', 'ask elsewhere');
    const { member, ends } = aMember();
    polls.join(member);
    await clock.advance(10);
    expect(ends).toEqual([{ kind: 'failed', error: 'ask elsewhere' }]);
  });

  it('ends a member whose judge throws, and no other', async () => {
    const { clock, world, polls } = setUp();
    const bad = aMember({
      judge: () => {
        throw new Error('broken judge');
      },
    });
    const good = aMember();
    polls.join(bad.member);
    polls.join(good.member);
    world.answer = 'yes';
    await clock.advance(10);
    expect(bad.ends).toEqual([{ kind: 'failed', error: 'broken judge' }]);
    expect(good.ends).toEqual([{ kind: 'fired', event: {} }]);
  });

  it('stops when its last member leaves, even while it asks', async () => {
    const { clock, asked, world, polls } = setUp();
    world.takesMs = 500;
    const { member, ends } = aMember();
    const leave = polls.join(member);
    await clock.advance(100);
    leave();
    await clock.advance(5_000);
    expect({ asked: asked.length, ends, left: polls.size }).toEqual({
      asked: 1,
      ends: [],
      left: 0,
    });
  });

  it('is never closer to the next than a tenth of a second, whatever a member wishes', async () => {
    const { clock, asked, polls } = setUp();
    polls.join(aMember({ intervalMs: 0 }).member);
    await clock.advance(1_000);
    expect(asked.length).toBeLessThanOrEqual(13);
  });
});

describe('many polls', () => {
  it('ask so many at once in a lane and in all, and all get their turn', async () => {
    const narrow = setUp({ laneMax: 3 });
    narrow.world.takesMs = 10;
    for (let index = 0; index < 20; index += 1) {
      narrow.polls.join(aMember({ key: `${index}`, intervalMs: 60_000 }).member);
    }
    await narrow.clock.advance(1_000);
    expect([narrow.mostUnderway(), narrow.asked.length]).toEqual([3, 20]);

    const wide = setUp();
    wide.world.takesMs = 10;
    for (let index = 0; index < 50; index += 1) {
      const lane = `host${index}`;
      wide.polls.join(aMember({ key: `${index}`, lane, intervalMs: 60_000 }).member);
    }
    await wide.clock.advance(1_000);
    expect([wide.mostUnderway(), wide.asked.length]).toEqual([10, 50]);
  });

  it('that stop while they stand in line let the others pass', async () => {
    const { clock, world, polls, asked } = setUp({ laneMax: 1 });
    world.takesMs = 100;
    const keys = ['a', 'b', 'c'];
    const leaves = keys.map((key) => polls.join(aMember({ key, question: key }).member));
    await clock.advance(20);
    leaves[1]?.();
    await clock.advance(150);
    expect(asked.map(({ questions }) => questions[0])).toEqual(['a', 'c']);
  });
});
