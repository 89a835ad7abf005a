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

/** A run of the other DAG. */
type ExternalRun = Pick<DagRun, 'id' | 'runId' | 'state'>;

/** A task instance of the other DAG. */
type ExternalInstance = Pick<TaskInstance, 'dagRunId' | 'taskId' | 'mapIndex' | 'state'>;

/** What is known of the other DAG. */
export type ExternalStates = {
  /** The runs that exist of those asked for. */
  readonly runs: readonly ExternalRun[];
  /**
   * Their task instances by `DagRun.id` and task; of other tasks, too, when several triggers asked
   * at once. By task, because each of very many triggers may look for its own among all of them.
   */
  readonly instances: ReadonlyMap<string, ReadonlyMap<string, readonly ExternalInstance[]>>;
  /** Tasks that cannot be asked about, by task: why not. */
  readonly refusals: ReadonlyMap<string, string>;
};

/** What the ledger answered, so that each trigger finds its own in it. */
export function externalStates(
  runs: readonly ExternalRun[],
  instances: readonly ExternalInstance[],
  refusals: ExternalStates['refusals'] = new Map(),
): ExternalStates {
  const byRun = [...Map.groupBy(instances, ({ dagRunId }) => dagRunId)].map(([id, own]) => {
    return [id, Map.groupBy(own, ({ taskId }) => taskId)] as const;
  });
  return { runs, instances: new Map(byRun), refusals };
}

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
  const { dagId, taskIds, allowedStates, failedStates, skippedStates } = question;
  const refused = taskIds.find((taskId) => states.refusals.has(taskId));
  if (refused !== undefined) {
    const why = states.refusals.get(refused) ?? '';
    return { kind: 'failed', error: `task ${refused} of DAG ${dagId}: ${why}` };
  }
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
    const runs = states.runs.map((run) => ({
      name: nameOf(run),
      state: nameOfRunState(run.state),
    }));
    return [...missing, ...runs];
  }
  return [...missing, ...states.runs.flatMap((run) => taskSubjects(question, run, states))];
}

/** Of a run: each named task with all its map indexes, and whatever the group has. */
function taskSubjects(
  { taskIds, taskGroupId }: ExternalQuestion,
  run: ExternalRun,
  { instances }: ExternalStates,
): readonly Subject[] {
  const byTask = instances.get(run.id) ?? new Map<string, readonly ExternalInstance[]>();
  const absent = taskIds.filter((taskId) => !byTask.has(taskId));
  // Whoever asks for a group asks alone, so that all instances are the group's or named.
  const wanted = taskGroupId === '' ? new Set(taskIds) : byTask.keys();
  const own = [...wanted].flatMap((taskId) => byTask.get(taskId) ?? []);
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

const nameOfRunState = namesOf(DagRunState);
const nameOfTaskState = namesOf(TaskInstanceState);

/** Names of an enum's values as operators write them: `up_for_retry`. */
function namesOf(values: Readonly<Record<string, number>>): (value: number) => string {
  const names = new Map(Object.entries(values).map(([name, value]) => [value, name.toLowerCase()]));
  return (value) => names.get(value) ?? 'unspecified';
}
