// How runs look in tables.
import { type DagRun, DagRunStateSchema, RunTypeSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { stateColour } from '../../core/paint.ts';
import { enumName } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { elapsed, localIso, relative } from '../../core/when.ts';

/** Columns of a list of runs. */
export function runColumns(nowMs: number): readonly Column<DagRun>[] {
  return [
    { title: 'dag_id', cell: (run) => run.dagId },
    { title: 'run_id', cell: (run) => run.runId },
    { title: 'state', cell: runState, colour: stateColour },
    { title: 'started', cell: (run) => relative(fromTimestamp(run.startDate), nowMs) },
    { title: 'took', cell: (run) => runTook(run, nowMs), align: 'right' },
    { title: 'logical_date', cell: (run) => localIso(fromTimestamp(run.logicalDate)), wide: true },
    { title: 'type', cell: (run) => enumName(RunTypeSchema, run.runType), wide: true },
    { title: 'triggered by', cell: (run) => run.triggeredBy, wide: true },
    { title: 'reason', cell: (run) => run.stateReason, wide: true },
    { title: 'partition', cell: (run) => run.partitionKey, wide: true },
    { title: 'note', cell: (run) => run.note, wide: true },
  ];
}

/** The state of a run in lower case. */
export function runState(run: DagRun): string {
  return enumName(DagRunStateSchema, run.state);
}

/** How long a run took, or takes until now. */
export function runTook(run: DagRun, nowMs: number): string {
  return elapsed(fromTimestamp(run.startDate), fromTimestamp(run.endDate), nowMs);
}
