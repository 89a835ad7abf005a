// The front door of this room: reads the schedule of a DAG and says when its next run is due.
export {
  type CompiledTimetable,
  describeTimetable,
  parseTimetable,
} from './compiled-timetable.ts';
export { type NextRun, type NextRunQuery, nextRun } from './next-run.ts';
