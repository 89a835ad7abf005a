// Faults while nothing runs and much is waited for: triggers, people, backfills, callbacks.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { finish, query, type RunRef, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, repository, startMesh, type TestMesh } from '../kit/mesh.ts';
import { eventually } from '../kit/wait.ts';
import { effectsOf } from './load.ts';

const TASKS = 50;

let mesh: TestMesh | undefined;

afterEach(async () => {
  await mesh?.stop();
  mesh = undefined;
});

type Waiting = TestMesh & {
  /** Where bodies write down that they ran to their end. */
  readonly effectsFile: string;
  /** What the tasks of `deferring` wait for. */
  readonly gate: string;
};

async function startWaiting(): Promise<Waiting> {
  const name = `/tmp/dagmesh-${process.pid}-${performance.now()}`;
  const env = { DAGMESH_EFFECTS: `${name}-effects` };
  const made = await startMesh({
    mode: 'mesh',
    dagsFolder: join(repository, 'tests', 'fixtures', 'dags'),
    env: fastTimings,
    workers: [
      { language: 'typescript', slots: 8, env },
      { language: 'typescript', slots: 2, queues: 'callbacks', env },
    ],
  });
  mesh = made;
  await waitForDag(made, 'deferring');
  return { ...made, effectsFile: env.DAGMESH_EFFECTS, gate: `${name}-gate` };
}

async function countOf(of: RunRef, state: string): Promise<number> {
  if (mesh === undefined) return 0;
  const rows = await query(
    mesh,
    `select 1 from task_instance i join dag_run r on r.id = i.dag_run_id
     where r.dag_id = $1 and r.run_id = $2 and i.state::text = $3`,
    [of.dagId, of.runId, state],
  );
  return rows.length;
}

const allWait = (run: RunRef) =>
  eventually(async () => (await countOf(run, 'deferred')) === TASKS, {
    deadlineMs: 25_000,
    what: `all ${TASKS} tasks wait\n${mesh?.tails()}`,
  });

/** Every task of the run succeeded once, after one wait, and says so in the ledger of effects. */
async function expectOneEffectEach({ effectsFile }: Waiting, run: RunRef): Promise<void> {
  const accepted = await query<{ attempt_id: string; task_id: string }>(
    mesh as TestMesh,
    `select a.attempt_id, i.task_id from task_attempt a
     join task_instance i on i.id = a.task_instance_id join dag_run r on r.id = i.dag_run_id
     where r.dag_id = $1 and r.run_id = $2 and a.state = 'success'`,
    [run.dagId, run.runId],
  );
  expect(new Set(accepted.map(({ task_id }) => task_id)).size).toBe(TASKS);
  expect(accepted).toHaveLength(TASKS);
  const effects = effectsOf(effectsFile);
  expect(accepted.filter(({ attempt_id }) => effects.get(attempt_id) !== 1)).toEqual([]);
}

test('what a killed triggerer waited for is seen once it is back', async () => {
  const waiting = await startWaiting();
  const run = await trigger(waiting, 'deferring', { gate: waiting.gate });
  await allWait(run);
  await waiting.program('triggerer').kill();
  writeFileSync(waiting.gate, '');
  await waiting.program('triggerer').restart();
  expect((await finish(waiting, run)).state).toBe(DagRunState.SUCCESS);
  await expectOneEffectEach(waiting, run);
  expect(effectsOf(waiting.effectsFile).size).toBe(TASKS);
}, 90_000);

test('what a killed triggerer waited for goes to another, also when it only stands still', async () => {
  const waiting = await startWaiting();
  await waiting.startAnother('triggerer');
  const first = await trigger(waiting, 'deferring', { gate: waiting.gate });
  await allWait(first);
  await waiting.program('triggerer').kill();
  writeFileSync(waiting.gate, '');
  expect((await finish(waiting, first)).state).toBe(DagRunState.SUCCESS);
  await waiting.program('triggerer').restart();
  const gate = `${waiting.gate}-2`;
  const second = await trigger(waiting, 'deferring', { gate });
  await allWait(second);
  waiting.program('triggerer').pause();
  writeFileSync(gate, '');
  expect((await finish(waiting, second, 45_000)).state).toBe(DagRunState.SUCCESS);
  waiting.program('triggerer').resume();
  await expectOneEffectEach(waiting, first);
  await expectOneEffectEach(waiting, second);
}, 120_000);

test('an executor that is killed while tasks report that they wait loses none of them', async () => {
  const waiting = await startWaiting();
  const run = await trigger(waiting, 'deferring', { gate: waiting.gate });
  await eventually(async () => (await countOf(run, 'deferred')) > 0, {
    deadlineMs: 15_000,
    what: `the first tasks wait\n${waiting.tails()}`,
    pollMs: 2,
  });
  await waiting.program('executor').restart();
  await allWait(run);
  writeFileSync(waiting.gate, '');
  expect((await finish(waiting, run)).state).toBe(DagRunState.SUCCESS);
  await expectOneEffectEach(waiting, run);
}, 90_000);

test('a scheduler that is killed goes on with waits, questions, backfills and callbacks', async () => {
  const waiting = await startWaiting();
  const callbacks = waiting.program('worker-typescript-1');
  await callbacks.kill();
  const inputs = waiting.client(HumanInputService);
  const deferred = await trigger(waiting, 'deferring', { gate: waiting.gate });
  const asked = await trigger(waiting, 'asking');
  const failed = [await trigger(waiting, 'alarming'), await trigger(waiting, 'alarming')];
  for (const run of failed) await finish(waiting, run);
  await allWait(deferred);
  await eventually(async () => (await inputs.listHumanInputs(asked)).humanInputs.length === 1, {
    deadlineMs: 15_000,
    what: 'the question is asked',
  });
  const { backfill } = await waiting.client(BackfillService).createBackfill({
    dagId: 'filled',
    fromDate: toTimestamp(Date.parse('2024-01-01')),
    toDate: toTimestamp(Date.parse('2024-02-29')),
    activeRunsMax: 2,
  });
  const backfillId = backfill?.backfillId ?? '';
  const status = async () =>
    (await waiting.client(BackfillService).getBackfill({ backfillId })).status;
  await eventually(async () => ((await status())?.progress?.successCount ?? 0) > 3, {
    deadlineMs: 15_000,
    what: `the backfill is under way\n${waiting.tails()}`,
    pollMs: 5,
  });

  await waiting.program('scheduler').restart();
  writeFileSync(waiting.gate, '');
  await callbacks.restart();
  await eventually(
    () =>
      inputs.respondHumanInput({ ...asked, taskId: 'approve', chosenOptions: ['Approve'] }).then(
        () => true,
        () => false,
      ),
    { deadlineMs: 20_000, what: `the answer is taken\n${waiting.tails()}` },
  );
  expect((await finish(waiting, deferred)).state).toBe(DagRunState.SUCCESS);
  expect((await finish(waiting, asked)).state).toBe(DagRunState.SUCCESS);
  await eventually(async () => (await status())?.backfill?.state === BackfillState.COMPLETED, {
    deadlineMs: 40_000,
    what: `the backfill is complete\n${waiting.tails()}`,
  });
  expect((await status())?.progress).toMatchObject({ datesCount: 60, successCount: 60 });
  for (const run of failed) {
    const alerts = waiting.client(AlertService);
    await eventually(
      async () =>
        (await alerts.listCallbacks(run)).runs.map(({ state }) => state)[0] === DagRunState.SUCCESS,
      { deadlineMs: 20_000, what: `the callback has run\n${waiting.tails()}` },
    );
  }
  await expectOneEffectEach(waiting, deferred);
  const dates = await query(
    waiting,
    `select distinct logical_date from dag_run where dag_id = 'filled' and state = 'success'`,
  );
  expect(dates).toHaveLength(60);
}, 120_000);
