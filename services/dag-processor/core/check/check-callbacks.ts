// Who is told when something ends: callbacks for events that can happen, deadlines that can pass.
import { CallbackEvent, type DeadlineSpec } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import type { Check, DagView } from './dag-view.ts';
import { wordFor } from '../enum-words.ts';

const RUN_EVENTS: ReadonlySet<CallbackEvent> = new Set([
  CallbackEvent.SUCCESS,
  CallbackEvent.FAILURE,
  CallbackEvent.SLA_MISS,
]);

/** What is wrong with callbacks and deadlines of a DAG; its tasks may have them for any event. */
export const checkCallbacks: Check = function* (view) {
  for (const { event } of view.dag.callbacks) {
    if (RUN_EVENTS.has(event)) continue;
    const name = wordFor(CallbackEvent, event);
    yield view.ofDag(
      `has a callback for "${name}", which only tasks have; use success, failure or sla_miss, or give it to tasks`,
    );
  }
  const names = new Set<string>();
  for (const deadline of view.dag.deadlines) {
    for (const cause of deadlineCauses(deadline, view)) {
      yield view.ofDag(`has a deadline "${deadline.name}" ${cause}`, deadline.name);
    }
    if (names.has(deadline.name)) {
      yield view.ofDag(`has two deadlines "${deadline.name}"; rename one`, deadline.name);
    }
    names.add(deadline.name);
  }
};

function* deadlineCauses({ reference }: DeadlineSpec, { dag }: DagView): Iterable<string> {
  if (reference.case === 'averageRuntime') {
    const { runsMin, runsMax } = reference.value;
    if (runsMin > runsMax) {
      yield `that needs ${runsMin} runs but counts at most ${runsMax}; lower runs_min`;
    }
  }
  const { case: schedule } = dag.timetable?.kind ?? {};
  const hasNoDates = schedule === 'asset' || schedule === 'partitionedAsset';
  if (reference.case === 'logicalDate' && hasNoDates) {
    yield 'from the logical date, which runs of this schedule have none of; count from queued_at';
  }
}
