// How a stay on a worker ends, as the worker reports it.
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { OutcomeInit } from '../../../services/scheduler/simulator/simulation.ts';
import type { Ending } from '../oracle/plan.ts';
import { QUESTION, TRIGGER } from './spec.ts';

/** The report of an ending, at an instant in epoch milliseconds. */
export function outcomeOf(ending: Ending, nowMs: number): OutcomeInit {
  const { for_s } = ending;
  const timeout = for_s === undefined ? {} : { timeout: toDuration(for_s * 1_000) };
  switch (ending.as) {
    case 'skipped':
      return { end: AttemptEnd.SKIPPED };
    case 'failed':
      return { end: AttemptEnd.FAILED };
    case 'fatal':
      return { end: AttemptEnd.FAILED, error: { isFinal: true } };
    case 'rejected':
      return { end: AttemptEnd.REJECTED };
    case 'lost':
      return { end: AttemptEnd.LOST };
    case 'deferred':
      return { end: AttemptEnd.DEFERRED, defer: { trigger: TRIGGER, ...timeout } };
    case 'rescheduled':
      return {
        end: AttemptEnd.RESCHEDULED,
        rescheduleAt: toTimestamp(nowMs + (for_s ?? 0) * 1_000),
      };
    case 'asking':
      return {
        end: AttemptEnd.AWAITING_INPUT,
        awaitInput: { humanInput: { ...QUESTION, ...timeout } },
      };
    case 'success':
      return {
        end: AttemptEnd.SUCCESS,
        ...(ending.returns === undefined ? {} : { mapLength: ending.returns }),
        ...directionOf(ending),
      };
  }
}

function directionOf({ branch, circuit }: Ending) {
  if (branch !== undefined) {
    return { direction: { kind: { case: 'branch' as const, value: { followIds: [...branch] } } } };
  }
  if (circuit === undefined) return {};
  const value = { respectsTriggerRules: circuit === 'direct' };
  return { direction: { kind: { case: 'shortCircuit' as const, value } } };
}
