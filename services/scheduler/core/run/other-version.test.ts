// A finished run that is cleared to go on with the newest version of its DAG: tasks go, come, and
// come back, and literals have another length.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { DagVersionRecordSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { rowsAfter } from '../../simulator/ledger/ledger-rows.ts';
import { createSimulation, type DagInit, type Simulation } from '../../simulator/simulation.ts';
import { NEW_YEAR_MS, type TaskInit } from '../../testing/picture-world.ts';
import { compileVersion } from '../graph/compile-version.ts';
import { instancesOf, nameOf } from '../instance.ts';
import { loadFinishedRun } from '../load/load-run.ts';
import { clearInstances } from '../operation/clear.ts';
import { DagRunState, nameOfState } from '../state.ts';

const dagOf = (tasks: readonly TaskInit[]): DagInit => ({ dagId: 'd', tasks: [...tasks] });
const code = (taskId: string, ...upstreamTaskIds: string[]): TaskInit => ({
  taskId,
  upstreamTaskIds,
});

function over(taskId: string, elements: readonly number[]): TaskInit {
  const source = { kind: { case: 'valueJson' as const, value: JSON.stringify(elements) } };
  const mapping = {
    kind: { case: 'product' as const, value: { arguments: [{ name: 'x', source }] } },
  };
  return { taskId, mapping };
}

function rest(simulation: Simulation): void {
  for (let held = simulation.lease(99); held.length > 0; held = simulation.lease(99)) {
    for (const attempt of held) simulation.report(attempt, { end: AttemptEnd.SUCCESS });
  }
}

/** The DAG has a new version, with which some tasks of its only run start over. */
function goOnWith(
  simulation: Simulation,
  { number, tasks, cleared }: { number: bigint; tasks: readonly TaskInit[]; cleared: string[] },
): void {
  const [ended] = rowsAfter(simulation.commits).ended;
  if (ended === undefined) throw new Error('no run has ended');
  const dag = simulation.dag('d');
  const record = { dagVersionId: number, dagId: 'd', spec: dagOf(tasks) };
  const next = compileVersion(create(DagVersionRecordSchema, record));
  const own = create(DagVersionRecordSchema, { ...dag.version, spec: dag.version.spec });
  simulation.decide((deciding, moment) => {
    const loaded = { ...ended, version: own, isLatest: true };
    dag.versions.set(dag.version.dagVersionId, dag.version);
    dag.versions.set(number, next);
    dag.version = next;
    const run = loadFinishedRun(deciding.picture, dag, loaded, moment);
    const meant = [...instancesOf(run)].filter(({ task }) => cleared.includes(task.taskId));
    clearInstances(deciding, moment, run, meant);
  });
  rest(simulation);
}

function endOf(simulation: Simulation): Readonly<Record<string, string>> {
  const run = simulation.runs().at(-1);
  if (run === undefined) throw new Error('there is no run');
  expect(run.state).toBe(DagRunState.SUCCESS);
  const instances = [...instancesOf(run)];
  return Object.fromEntries(instances.map((each) => [nameOf(each), nameOfState(each.state)]));
}

function begin(tasks: readonly TaskInit[]): Simulation {
  const simulation = createSimulation([dagOf(tasks)], { startMs: NEW_YEAR_MS });
  simulation.trigger('d');
  rest(simulation);
  return simulation;
}

test('a task that is back in the DAG starts over, whatever else was cleared', () => {
  const tasks = [code('a'), code('old', 'a'), code('end', 'a', 'old')];
  const simulation = begin(tasks);
  const without = [code('a'), code('end', 'a')];
  goOnWith(simulation, { number: 2n, tasks: without, cleared: ['end'] });
  expect(endOf(simulation)).toEqual({ a: 'success', end: 'success' });
  const rows = rowsAfter(simulation.commits).ended.flatMap(({ taskInstances }) => taskInstances);
  const old = rows.find(({ taskId }) => taskId === 'old');
  expect(nameOfState(old?.state ?? 0)).toBe('removed');
  goOnWith(simulation, { number: 3n, tasks, cleared: ['end'] });
  expect(endOf(simulation)).toEqual({ a: 'success', old: 'success', end: 'success' });
});

test('a literal of another length makes and removes instances of a task that was not cleared', () => {
  const end = code('end', 'm');
  const simulation = begin([over('m', [1, 2]), end]);
  const more = [over('m', [1, 2, 3]), end];
  goOnWith(simulation, { number: 2n, tasks: more, cleared: ['end'] });
  const three = { 'm[0]': 'success', 'm[1]': 'success', 'm[2]': 'success' };
  expect(endOf(simulation)).toEqual({ ...three, end: 'success' });
  const fewer = [over('m', [1]), { ...code('end', 'm'), triggerRule: TriggerRule.ALL_DONE }];
  goOnWith(simulation, { number: 3n, tasks: fewer, cleared: ['end'] });
  const one = { 'm[0]': 'success', 'm[1]': 'removed', 'm[2]': 'removed' };
  expect(endOf(simulation)).toEqual({ ...one, end: 'success' });
});

test('a run all of whose instances were removed succeeds, and says so', () => {
  const simulation = begin([over('m', [1, 2])]);
  goOnWith(simulation, { number: 2n, tasks: [over('m', [])], cleared: ['m'] });
  expect(endOf(simulation)).toEqual({ 'm[0]': 'removed', 'm[1]': 'removed' });
  expect(simulation.runs().at(-1)?.stateReason).toBe('all_tasks_removed');
});
