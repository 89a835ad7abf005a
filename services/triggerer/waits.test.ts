// Which triggers run for whom, when several schedulers and their answers cross on the way.
import { create } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type TriggerLease,
  TriggerLeaseSchema,
} from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { createEvents } from './events.ts';
import { Outbox } from './outbox.ts';
import type { TriggerWait } from './triggers/trigger.ts';
import { Waits } from './waits.ts';

let begun: TriggerWait[];
let stoppedCount: number;
let outbox: Outbox;
let waits: Waits;
beforeEach(() => {
  begun = [];
  stoppedCount = 0;
  outbox = new Outbox();
  waits = new Waits({
    startTrigger: (_spec, wait) => {
      begun.push(wait);
      return () => void (stoppedCount += 1);
    },
    outbox,
    clock: new FakeClock(),
    events: createEvents(createLog('test', 'silent'), createMetrics('test')),
  });
});

const fired = { kind: 'fired', event: {} } as const;

function aLease(waitId: string, own: { seconds?: bigint; priority?: number } = {}): TriggerLease {
  return create(TriggerLeaseSchema, {
    waitId,
    trigger: { kind: { case: 'timer', value: {} } },
    since: { seconds: own.seconds ?? 0n },
    priority: own.priority ?? 1,
  });
}

describe('a wait', () => {
  it('that comes again while its trigger runs goes on', () => {
    waits.take('a', [aLease('w')]);
    waits.take('a', [aLease('w')]);
    expect([begun.length, stoppedCount]).toEqual([1, 0]);
  });

  it('that another scheduler takes over is told to that one, and not stopped by the first', () => {
    waits.take('a', [aLease('w')]);
    waits.take('b', [aLease('w')]);
    waits.drop('a', ['w']);
    waits.leave('a');
    expect(stoppedCount).toBe(0);
    begun[0]?.end(fired);
    expect([outbox.batch('a').length, outbox.batch('b').length]).toEqual([0, 1]);
  });

  it('is not lost by an answer to a question older than itself', () => {
    waits.take('a', [aLease('old')]);
    const mark = waits.mark();
    waits.take('a', [aLease('new')]);
    waits.drop('a', ['old', 'new'], mark);
    expect(stoppedCount).toBe(1);
    begun[1]?.end(fired);
    expect(outbox.batch('a').map(({ waitId }) => waitId)).toEqual(['new']);
  });

  it('that has ended is not begun again while its event is on the way', () => {
    waits.take('a', [aLease('w')]);
    begun[0]?.end(fired);
    waits.take('a', [aLease('w')]);
    expect(begun.length).toBe(1);
  });

  it('that is given here again while its event is being refused is told again', () => {
    waits.take('a', [aLease('w')]);
    begun[0]?.end(fired);
    const reported = outbox.batch('a');
    // The stream broke and is back; the report crossed it, and was answered that the wait is lost.
    waits.leave('a');
    waits.take('a', [aLease('w')]);
    outbox.settle('a', reported);
    waits.drop('a', ['w']);
    expect([begun.length, outbox.batch('a').length]).toEqual([1, 1]);
  });

  it('ends once, and not at all after it was stopped', () => {
    waits.take('a', [aLease('once'), aLease('stopped')]);
    begun[0]?.end(fired);
    begun[0]?.end({ kind: 'failed', error: 'twice' });
    waits.drop('a', ['stopped']);
    begun[1]?.end(fired);
    expect(outbox.batch('a')).toEqual([{ waitId: 'once', eventJson: '{}' }]);
  });

  it('of higher priority is begun first', () => {
    const leases = [1, 3, 2].map((priority) =>
      aLease(`w${priority}`, { priority, seconds: BigInt(priority) }),
    );
    waits.take('a', leases);
    expect(begun.map(({ sinceMs }) => sinceMs)).toEqual([3_000, 2_000, 1_000]);
  });

  it('of a kind that this version does not know fails', () => {
    waits.take('a', [create(TriggerLeaseSchema, { waitId: 'w', trigger: {} })]);
    expect(outbox.batch('a')[0]?.error).toContain('update');
  });
});
