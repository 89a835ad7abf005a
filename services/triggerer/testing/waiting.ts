// For tests: one triggerer at one scheduler, waits that are given to it, and what becomes of them.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { TriggerEvent } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { eventually, eventuallyGives } from '../../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh, type TestTriggerer } from './mesh.ts';
import type { SpecInit, TestScheduler, TestWait } from './scheduler.ts';

/** The shortest time between two questions. */
export const soon = toDuration(100);

/** Waits in the mesh of one test file. */
export class Waiting {
  readonly mesh: TestMesh;
  readonly scheduler: TestScheduler;
  readonly triggerer: TestTriggerer;
  #waitsCount = 0;

  /** Nothing is waited for yet. */
  constructor(parts: Pick<Waiting, 'mesh' | 'scheduler' | 'triggerer'>) {
    this.mesh = parts.mesh;
    this.scheduler = parts.scheduler;
    this.triggerer = parts.triggerer;
  }

  /** Begins to wait; answers the wait's id. */
  waitFor(kind: SpecInit['kind'], more: Partial<TestWait> = {}): string {
    this.#waitsCount += 1;
    const waitId = `wait-${this.#waitsCount}`;
    this.scheduler.add({ waitId, trigger: { kind }, ...more });
    return waitId;
  }

  /** Waits as a watcher that was told an event before; answers the wait's id. */
  watchAgain(kind: SpecInit['kind'], { eventJson }: TriggerEvent): string {
    const knownEventSha256 = createHash('sha256').update(eventJson).digest();
    return this.waitFor(kind, { knownEventSha256 });
  }

  /** Lets the triggerer look at files twice more; the wait goes on. */
  async looksAt(waitId: string): Promise<void> {
    const looks = async () => {
      const text = await this.triggerer.metrics.text();
      return Number(/poll_seconds_count\{.*kind="file".*\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await looks();
    const what = `${waitId} was looked at`;
    await eventually(async () => (await looks()) >= before + 2, { deadlineMs: 60_000, what });
    expect(this.scheduler.ended.has(waitId)).toBe(false);
  }

  /** How a wait ends. */
  endOf(waitId: string): Promise<TriggerEvent> {
    return eventuallyGives(() => this.scheduler.ended.get(waitId), {
      deadlineMs: 60_000,
      what: `${waitId} has ended`,
    });
  }

  /** The event a wait ends with, which is no failure. */
  async eventOf(waitId: string): Promise<unknown> {
    const { eventJson, error } = await this.endOf(waitId);
    expect(error).toBe('');
    return JSON.parse(eventJson);
  }
}

/** One mesh for all tests of a file; what the ledger answers is forgotten between them. */
export function useWaiting(): () => Waiting {
  let waiting: Waiting;
  beforeAll(async () => {
    const mesh = await startTestMesh();
    const scheduler = await mesh.addScheduler();
    waiting = new Waiting({ mesh, scheduler, triggerer: await mesh.startTriggerer() });
  });
  afterAll(() => waiting.mesh.stop());
  beforeEach(() => {
    const { ledger } = waiting.mesh;
    ledger.failure = undefined;
    ledger.states = { runs: [], taskInstances: [] };
    ledger.assetEvents = [];
    ledger.isOld = false;
    ledger.stateCalls.length = 0;
    ledger.assetCalls.length = 0;
  });
  return () => waiting;
}
