// Triggerers and schedulers over real gRPC: who runs what, and that each end is told once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh } from './testing/mesh.ts';
import type { TestScheduler, TestWait } from './testing/scheduler.ts';

let mesh: TestMesh;
beforeEach(async () => {
  mesh = await startTestMesh();
});
afterEach(() => mesh.stop());

const HOUR_MS = 3_600_000;

function timers(count: number, afterMs: number, name = 'wait'): readonly TestWait[] {
  return Array.from({ length: count }, (_, index) => ({
    waitId: `${name}-${index}`,
    trigger: {
      kind: { case: 'timer', value: { moment: { case: 'after', value: toDuration(afterMs) } } },
    },
  }));
}

const within = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what });

function heldBy(scheduler: TestScheduler): readonly number[] {
  return [...scheduler.attending.values()].map(({ held }) => held);
}

async function running(triggerer: { readonly metrics: { text(): Promise<string> } }) {
  const text = await triggerer.metrics.text();
  return Number(/^dagmesh_triggerer_triggers\{.*kind="timer".*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

describe('a triggerer', () => {
  it('says that it lives, while nothing happens', async () => {
    const scheduler = await mesh.addScheduler();
    await mesh.startTriggerer();
    await within(() => scheduler.reports.length >= 2, 'two signs of life have come');
    expect(scheduler.reports.every(({ events }) => events.length === 0)).toBe(true);
  });

  it('tells many ends in few reports', async () => {
    const scheduler = await mesh.addScheduler();
    await mesh.startTriggerer();
    await within(() => scheduler.attending.size === 1, 'it attends');
    scheduler.add(...timers(1_000, 200));
    await within(() => scheduler.ended.size === 1_000, 'all have ended');
    const full = scheduler.reports.filter(({ events }) => events.length > 0);
    expect(full.length).toBeLessThan(50);
  });

  it('stops waiting for what its scheduler takes back', async () => {
    const scheduler = await mesh.addScheduler();
    const triggerer = await mesh.startTriggerer();
    await within(() => scheduler.attending.size === 1, 'it attends');
    scheduler.add(...timers(3, HOUR_MS));
    await eventually(async () => (await running(triggerer)) === 3, {
      deadlineMs: 60_000,
      what: '3 run',
    });
    scheduler.remove('wait-0', 'wait-2');
    await eventually(async () => (await running(triggerer)) === 1, {
      deadlineMs: 60_000,
      what: '1 runs',
    });
  });

  it('stops its triggers when the stream breaks, and takes them up when they are sent again', async () => {
    const scheduler = await mesh.addScheduler();
    const triggerer = await mesh.startTriggerer();
    await within(() => scheduler.attending.size === 1, 'it attends');
    scheduler.add(...timers(10, HOUR_MS));
    scheduler.breakStreams();
    await within(() => scheduler.givenCounts.get('wait-0') === 2, 'they are given out again');
    await eventually(async () => (await running(triggerer)) === 10, {
      deadlineMs: 60_000,
      what: '10 run',
    });
  });

  it('reports an end until it is answered, and the end counts once', async () => {
    const scheduler = await mesh.addScheduler();
    await mesh.startTriggerer();
    await within(() => scheduler.attending.size === 1, 'it attends');
    scheduler.failure = 'taking_over';
    scheduler.add(...timers(5, 50));
    const tellings = () => scheduler.reports.filter(({ events }) => events.length > 0).length;
    await within(() => tellings() >= 2, 'it was told twice');
    scheduler.losesAnswers = true;
    scheduler.failure = undefined;
    await within(() => tellings() >= 4, 'it was told again and again');
    scheduler.losesAnswers = false;
    await within(() => scheduler.reports.at(-1)?.events.length === 0, 'it is answered');
    expect(scheduler.ended.size).toBe(5);
  });

  it('is not held up by an end that its scheduler refuses: that wait fails', async () => {
    const scheduler = await mesh.addScheduler();
    await mesh.startTriggerer();
    await within(() => scheduler.attending.size === 1, 'it attends');
    scheduler.poisonIds.add('wait-1');
    scheduler.add(...timers(3, 50));
    await within(() => scheduler.ended.size === 3, 'all have ended');
    expect(scheduler.ended.get('wait-1')?.error).toContain('refused');
    expect(scheduler.ended.get('wait-2')?.error).toBe('');
  });

  it('finds the one that is refused among many with few reports', async () => {
    const scheduler = await mesh.addScheduler();
    await mesh.startTriggerer();
    await within(() => scheduler.attending.size === 1, 'it attends');
    scheduler.poisonIds.add('wait-299');
    scheduler.add(...timers(300, 50));
    await within(() => scheduler.ended.size === 300, 'all have ended');
    expect(scheduler.reports.filter(({ events }) => events.length > 0).length).toBeLessThan(60);
  });
});

describe('several schedulers', () => {
  it('share the capacity of a triggerer, and the one that is left gets all of it', async () => {
    const first = await mesh.addScheduler();
    await mesh.startTriggerer({ DAGMESH_TRIGGERER_CAPACITY: '100' });
    const capacityOf = ({ attending }: TestScheduler) => [...attending.values()][0]?.capacity;
    await within(() => capacityOf(first) === 100, 'the only one has all');
    const second = await mesh.addScheduler();
    await within(() => capacityOf(first) === 50 && capacityOf(second) === 50, 'each has half');
    await mesh.removeScheduler(first);
    await within(() => capacityOf(second) === 100, 'the last one has all');
  });

  it('do not lose an end: whoever takes a wait over is told', async () => {
    const first = await mesh.addScheduler();
    const second = await mesh.addScheduler();
    await mesh.startTriggerer();
    await within(() => first.attending.size + second.attending.size === 2, 'it attends both');
    first.failure = 'unreachable';
    first.add(...timers(1, 50));
    await within(() => first.reports.some(({ events }) => events.length > 0), 'it has ended');
    await mesh.removeScheduler(first);
    // Whoever began anew would wait for an hour.
    second.add(...timers(1, HOUR_MS));
    await within(() => second.ended.has('wait-0'), 'the end is told');
  });
});

describe('several triggerers', () => {
  it('share the waits, and those of one that stops go to the others', async () => {
    const scheduler = await mesh.addScheduler();
    const first = await mesh.startTriggerer();
    await mesh.startTriggerer();
    await within(() => scheduler.attending.size === 2, 'both attend');
    scheduler.add(...timers(100, HOUR_MS));
    expect(heldBy(scheduler)).toEqual([50, 50]);
    await first.stop();
    await within(() => heldBy(scheduler).toString() === '100', 'one has all');
  });

  it('hold no more than they offer to', async () => {
    const scheduler = await mesh.addScheduler();
    await mesh.startTriggerer({ DAGMESH_TRIGGERER_CAPACITY: '10' });
    await within(() => scheduler.attending.size === 1, 'it attends');
    scheduler.add(...timers(15, HOUR_MS));
    expect(heldBy(scheduler)).toEqual([10]);
    await mesh.startTriggerer({ DAGMESH_TRIGGERER_CAPACITY: '10' });
    await within(() => heldBy(scheduler).toString() === '10,5', 'the rest goes to another');
  });
});
