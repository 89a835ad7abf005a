// Judges the states of another DAG's runs and tasks: have all that are waited for come to an end
// that was asked for?
import type { ExternalTaskTrigger } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import {
  type DagRun,
  DagRunState,
  type TaskInstance,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Outcome } from './outcome.ts';

/** What is known of the other DAG. */
export type ExternalStates = {
  /** The runs that exist of those asked for. */
  readonly runs: readonly Pick<DagRun, 'id' | 'runId' | 'state'>[];
  /** Their task instances; of other tasks, too, when several triggers asked at once. */
  readonly taskInstances: readonly Pick<
    TaskInstance,
    'dagRunId' | 'taskId' | 'mapIndex' | 'state'
  >[];
};

/** What a trigger asks for. */
export type ExternalQuestion = Pick<
  ExternalTaskTrigger,
  | 'dagId'
  | 'runId'
  | 'logicalDates'
  | 'taskIds'
  | 'taskGroupId'
  | 'allowedStates'
  | 'failedStates'
  | 'skippedStates'
>;

/** Something that is waited for, with its state; undefined while it does not exist. */
type Subject = { readonly name: string; readonly state: string | undefined };

/**
 * The outcome, or undefined while there is more to wait for. One in a failed state ends the wait
 * as a failure, else one in a skipped state as a skip; else all must be in allowed states.
 */
export function judgeStates(
  question: ExternalQuestion,
  states: ExternalStates,
): Outcome | undefined {
  const { dagId, allowedStates, failedStates, skippedStates } = question;
  const subjects = subjectsOf(question, states);
  const isIn = (wanted: readonly string[]) => {
    return ({ state }: Subject) => state !== undefined && wanted.includes(state);
  };
  const failed = subjects.find(isIn(failedStates));
  if (failed !== undefined) {
    return { kind: 'failed', error: `${failed.name} of DAG ${dagId} is ${failed.state}` };
  }
  const event = { dag_id: dagId, run_ids: states.runs.map(({ runId }) => runId) };
  if (subjects.some(isIn(skippedStates))) return { kind: 'skipped', event };
  const allowed = allowedStates.length === 0 ? ['success'] : allowedStates;
  return subjects.length > 0 && subjects.every(isIn(allowed))
    ? { kind: 'fired', event }
    : undefined;
}

function subjectsOf(question: ExternalQuestion, states: ExternalStates): readonly Subject[] {
  const { runId, logicalDates, taskIds, taskGroupId } = question;
  const runsCount = runId === '' ? logicalDates.length : 1;
  const missing: Subject[] =
    states.runs.length < runsCount ? [{ name: 'a run', state: undefined }] : [];
  if (taskIds.length === 0 && taskGroupId === '') {
    return [...missing, ...states.runs.map((run) => ({ name: nameOf(run), state: runState(run) }))];
  }
  const byRun = Map.groupBy(states.taskInstances, ({ dagRunId }) => dagRunId);
  return [
    ...missing,
    ...states.runs.flatMap((run) => taskSubjects(question, run, byRun.get(run.id) ?? [])),
  ];
}

/** Of a run: each named task with all its map indexes, and whatever the group has. */
function taskSubjects(
  { taskIds, taskGroupId }: ExternalQuestion,
  run: ExternalStates['runs'][number],
  instances: ExternalStates['taskInstances'],
): readonly Subject[] {
  const byTask = Map.groupBy(instances, ({ taskId }) => taskId);
  const absent = taskIds.filter((taskId) => !byTask.has(taskId));
  // Whoever asks for a group asks alone, so that all instances are the group's or named.
  const own =
    taskGroupId === '' ? instances.filter((each) => taskIds.includes(each.taskId)) : instances;
  const isEmptyGroup = taskGroupId !== '' && own.length === 0;
  return [
    ...absent.map((taskId) => ({ name: `task ${taskId}`, state: undefined })),
    ...(isEmptyGroup ? [{ name: `task group ${taskGroupId}`, state: undefined }] : []),
    ...own.map(({ taskId, mapIndex, state }) => ({
      name: `task ${taskId}${mapIndex < 0 ? '' : `[${mapIndex}]`} in ${nameOf(run)}`,
      state: nameOfTaskState(state),
    })),
  ];
}

function nameOf({ runId }: { readonly runId: string }): string {
  return `run ${runId}`;
}

function runState({ state }: ExternalStates['runs'][number]): string {
  return nameOfRunState(state);
}

const nameOfRunState = namesOf(DagRunState);
const nameOfTaskState = namesOf(TaskInstanceState);

/** Names of an enum's values as operators write them: `up_for_retry`. */
function namesOf(values: Readonly<Record<string, number>>): (value: number) => string {
  const names = new Map(Object.entries(values).map(([name, value]) => [value, name.toLowerCase()]));
  return (value) => names.get(value) ?? 'unspecified';
}
