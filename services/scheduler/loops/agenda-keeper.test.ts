// The agenda is kept in time, and a scheduler that cannot decide does not spin.
import { expect, test } from 'vitest';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { createPicture } from '../core/picture.ts';
import { putOnAgenda } from '../core/agenda.ts';
import { createEvents } from '../events.ts';
import { createAgendaKeeper } from './agenda-keeper.ts';
import type { Engine } from './commit/engine.ts';

function anAgenda(decide: () => Promise<unknown>) {
  const clock = new FakeClock();
  const picture = createPicture({ leaseTtlMs: 15_000, killGraceMs: 10_000, sweepMs: 1_000 });
  const engine = {
    picture: () => picture,
    moment: () => ({ nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs(), newId: () => '' }),
    decide,
  };
  const events = createEvents(createLog('test', 'silent'), createMetrics('test'));
  const keeper = createAgendaKeeper({ engine: () => engine as unknown as Engine, clock, events });
  const due = (inMs: number) =>
    putOnAgenda(picture.agenda, clock.nowMs() + inMs, { kind: 'schedule', dag: {} as never });
  return { clock, keeper, due };
}

test('what is due while nothing can be decided is tried again, later and later', async () => {
  let triesCount = 0;
  const { clock, keeper, due } = anAgenda(async () => {
    triesCount += 1;
    throw fail('unreachable', 'this scheduler stops');
  });
  due(1_000);
  await keeper.start();
  await clock.advance(999);
  expect(triesCount).toBe(0);
  await clock.advance(60_001);
  expect(triesCount).toBeGreaterThan(3);
  expect(triesCount).toBeLessThan(40);
  await keeper.stop();
});

test('it stops at once, also between two tries', async () => {
  const { clock, keeper, due } = anAgenda(async () => {
    throw fail('unreachable', 'this scheduler stops');
  });
  due(0);
  await keeper.start();
  await clock.advance(10_000);
  await keeper.stop();
  expect(clock.waitingCount).toBe(0);
});
