// A triggerer that the test itself plays: it holds what it is given, and says what the test wants.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  TriggerEventSchema,
  TriggerLease,
} from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import type { TestScheduler, World } from './world.ts';

/** A triggerer at the desk of one scheduler. */
export type TestTriggerer = {
  /** What it waits for now, oldest first. */
  readonly held: readonly TriggerLease[];
  /** Every wait it was ever given. */
  readonly given: readonly TriggerLease[];
  /** Tells an end; answers the waits that are not its own any more. */
  report(event: MessageInitShape<typeof TriggerEventSchema>): Promise<readonly string[]>;
  /** Tells that what a wait waits for was seen untrue. */
  seeUntrue(waitId: string): Promise<void>;
  /** Lets time pass, and says once a second that it lives. */
  pass(ms: number): Promise<void>;
  /** Hangs up. */
  leave(): Promise<void>;
};

/** Attends until it leaves or the scheduler is gone. */
export function attend(world: World, scheduler: TestScheduler, triggererId = 't1'): TestTriggerer {
  const call = new AbortController();
  const given: TriggerLease[] = [];
  const held = new Map<string, TriggerLease>();
  const reading = (async () => {
    const request = { triggererId, capacity: 100 };
    for await (const answer of scheduler.client.attendTriggers(request, { signal: call.signal })) {
      for (const waitId of answer.removedWaitIds) held.delete(waitId);
      for (const lease of answer.added) {
        given.push(lease);
        held.set(lease.waitId, lease);
      }
    }
  })().catch(() => undefined);
  const { clock } = world;
  return {
    get held() {
      return [...held.values()];
    },
    given,
    report: async (event) => {
      const { lostWaitIds } = await scheduler.client.reportTriggers({
        triggererId,
        events: [event],
      });
      held.delete(event.waitId ?? '');
      return lostWaitIds;
    },
    seeUntrue: async (waitId) => {
      await scheduler.client.reportTriggers({ triggererId, untrueWaitIds: [waitId] });
    },
    pass: async (ms) => {
      for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
        await clock.advance(Math.min(1_000, ms - passedMs));
        await scheduler.client.reportTriggers({ triggererId, events: [] }).catch(() => undefined);
      }
    },
    leave: async () => {
      call.abort();
      await reading;
    },
  };
}
