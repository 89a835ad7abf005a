// The front door of this room: reads the schedule of a DAG and says when its runs are due.
export {
  activeRunsLimit,
  canBeScheduled,
  type CompiledPartitionedAsset,
  type CompiledTimetable,
  isPeriodic,
  runKeyOf,
  timezoneOf,
} from './compiled-timetable.ts';
export { describeTimetable } from './describe-timetable.ts';
export { type Interval, manualInterval } from './manual-interval.ts';
export { planRun } from './next-run.ts';
export { parseTimetable } from './parse-timetable.ts';
export { partitionKeyOf } from './partition-key.ts';
export type { NextRunQuery, PlannedRun } from './planned-run.ts';
export {
  type PreviewQuery,
  previewRuns,
  RUNS_BETWEEN_MAX,
  runsBetween,
  type RunsBetweenQuery,
} from './run-series.ts';
