// What a scheduler is told of an end keeps the contract.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { TriggerEventSchema } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { brokenRules } from '#kernel/contract/contract.ts';
import { type Outcome, toEvent } from './outcome.ts';

describe('the event of an end', () => {
  it('carries what was waited for as JSON', () => {
    expect(toEvent('w', { kind: 'fired', event: { a: 1 } })).toEqual({
      waitId: 'w',
      eventJson: '{"a":1}',
    });
    expect(toEvent('w', { kind: 'skipped', event: {} })).toMatchObject({ isSkip: true });
  });

  it.each<Outcome>([
    { kind: 'fired', event: { text: 'x'.repeat(300_000) } },
    { kind: 'failed', error: 'x'.repeat(100_000) },
    { kind: 'failed', error: '' },
    { kind: 'failed', error: '😀'.repeat(10_000).slice(1) },
  ])('keeps the contract and says that it failed when it is too large or empty', (outcome) => {
    const event = create(TriggerEventSchema, toEvent('w', outcome));
    expect(brokenRules(TriggerEventSchema, event)).toEqual([]);
    expect(event.error).not.toBe('');
  });
});
