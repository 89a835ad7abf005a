// When a DAG runs: a timetable that can be computed, and a start that comes before its end.
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { parseTimetable } from '#kernel/timetable/timetable.ts';
import { spanCause } from './check-tasks.ts';
import type { Check } from './dag-view.ts';

/** Kinds of schedules that can be joined with assets. */
const TIMES: ReadonlySet<string | undefined> = new Set([
  'cron',
  'delta',
  'multipleCron',
  'events',
  'workday',
]);

/** What is wrong with the schedule. */
export const checkSchedule: Check = function* (view) {
  const { dag } = view;
  const quoted = `schedule of DAG "${dag.dagId}":`;
  for (const { cause, written } of timetableCauses(dag)) {
    yield { line: view.ofDag('', written).line, cause: `${quoted} ${cause}` };
  }
  const startMs = fromTimestamp(dag.startDate);
  const endMs = fromTimestamp(dag.endDate);
  if (startMs !== undefined && endMs !== undefined && startMs > endMs) {
    const [start, end] = [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
    yield view.ofDag(`starts on ${start}, after its end on ${end}; swap start_date and end_date`);
  }
  const late = spanCause('dagrun_timeout', dag.dagrunTimeout, 'positive');
  if (late !== undefined) yield view.ofDag(late);
};

type Cause = { readonly cause: string; readonly written?: string | undefined };

function* timetableCauses({ timetable, activeRunsMax }: DagSpec): Iterable<Cause> {
  if (timetable === undefined) return;
  const { kind } = timetable;
  if (kind.case === 'continuous' && activeRunsMax > 1) {
    yield {
      cause: `it is continuous, but max_active_runs is ${activeRunsMax}; only 1 is allowed`,
    };
  }
  if (kind.case === 'assetOrTime' && !TIMES.has(kind.value.time?.kind.case)) {
    yield {
      cause:
        'besides assets it needs a schedule of time: cron, delta, multiple_cron, events or workday',
    };
    return;
  }
  try {
    parseTimetable(timetable);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const texts = writtenTexts(timetable);
    // The part that the sentence quotes is the part at fault.
    const written = texts.find((text) => text !== '' && cause.includes(`"${text}"`)) ?? texts[0];
    yield { cause, written };
  }
}

/** What an author wrote as text in a schedule, the most telling first. */
function writtenTexts({ kind }: NonNullable<DagSpec['timetable']>): readonly string[] {
  switch (kind.case) {
    case 'cron':
    case 'cronPartition':
      return [kind.value.expression, kind.value.timezone];
    case 'multipleCron':
      return [...kind.value.expressions, kind.value.timezone];
    case 'workday':
      return [kind.value.timezone, ...kind.value.holidays];
    case 'assetOrTime':
      return kind.value.time === undefined ? [] : writtenTexts(kind.value.time);
    default:
      return [];
  }
}
