// When a DAG runs: a timetable that can be computed, and a start that comes before its end.
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { parseTimetable } from '#kernel/timetable/timetable.ts';
import { type DagSource, lineOf, lineOfName } from './dag-source.ts';
import type { Problem } from './import-error.ts';

/** What is wrong with the schedule. */
export function checkSchedule(dag: DagSpec, source: DagSource): Problem[] {
  return [...checkTimetable(dag, source), ...checkBounds(dag, source)];
}

function checkTimetable(dag: DagSpec, source: DagSource): Problem[] {
  if (dag.timetable === undefined) return [];
  try {
    parseTimetable(dag.timetable);
    return [];
  } catch (error) {
    const { kind } = dag.timetable;
    const written = kind.case === 'cron' ? [kind.value.expression, kind.value.timezone] : [];
    const cause = error instanceof Error ? error.message : String(error);
    // The part that the sentence quotes is the part at fault.
    const quoted = written.find((part) => part !== '' && cause.includes(`"${part}"`)) ?? written[0];
    const line = lineOf(source, quoted ?? '') ?? lineOfName(source, dag.dagId);
    return [{ line, cause: `schedule of DAG "${dag.dagId}": ${cause}` }];
  }
}

function checkBounds(dag: DagSpec, source: DagSource): Problem[] {
  const line = lineOfName(source, dag.dagId);
  const problems: Problem[] = [];
  const startMs = fromTimestamp(dag.startDate);
  const endMs = fromTimestamp(dag.endDate);
  if (startMs !== undefined && endMs !== undefined && startMs > endMs) {
    const [start, end] = [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
    problems.push({
      line,
      cause: `DAG "${dag.dagId}" starts on ${start}, after its end on ${end}; swap start_date and end_date`,
    });
  }
  if ((fromDuration(dag.dagrunTimeout) ?? 1) <= 0) {
    problems.push({ line, cause: `dagrun_timeout of DAG "${dag.dagId}" must be positive` });
  }
  return problems;
}
