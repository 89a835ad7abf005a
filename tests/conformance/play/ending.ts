// How a try ends, as a worker reports it.
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { OutcomeInit } from '../../../services/scheduler/simulator/simulation.ts';
import type { Ending } from '../oracle/plan.ts';

/** The report of an ending. */
export function outcomeOf(ending: Ending): OutcomeInit {
  switch (ending.as) {
    case 'skipped':
      return { end: AttemptEnd.SKIPPED };
    case 'failed':
      return { end: AttemptEnd.FAILED };
    case 'fatal':
      return { end: AttemptEnd.FAILED, error: { isFinal: true } };
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
