// Faults while nothing runs and much is waited for: triggers, people, backfills, callbacks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { finish, query, type RunRef, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, fixtureDags } from '../kit/mesh.ts';
import { useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';
import { effectsFileIn, effectsOf } from './load.ts';

const TASKS = 50;

// One mesh lives through all of it.
const mesh = useMesh(
  (folder) => {
    const env = { DAGMESH_EFFECTS: effectsFileIn(folder) };
    return {
      mode: 'mesh',
      dagsFolder: fixtureDags,
      env: fastTimings,
      workers: [
        { language: 'typescript', slots: 8, env },
        { language: 'typescript', slots: 2, queues: 'callbacks', env },
      ],
    };
  },
  (started) => waitForDag(started, 'deferring'),
);

/** A run whose tasks all wait until its gate is opened. */
async function startDeferring() {
  const gate = join(mesh.folder, `gate-${performance.now()}`);
  const run = await trigger(mesh, 'deferring', { gate });
  return { ...run, open: () => writeFileSync(gate, '') };
}

async function countOf(of: RunRef, state: string): Promise<number> {
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
    deadlineMs: 60_000,
    what: () => `all ${TASKS} tasks wait\n${mesh.tails()}`,
  });

/** Every task of the run succeeded once, after one wait, and says so in the ledger of effects. */
async function expectOneEffectEach(run: RunRef): Promise<void> {
  const accepted = await query<{ attempt_id: string; task_id: string }>(
    mesh,
    `select a.attempt_id, i.task_id from task_attempt a
     join task_instance i on i.id = a.task_instance_id join dag_run r on r.id = i.dag_run_id
     where r.dag_id = $1 and r.run_id = $2 and a.state = 'success'`,
    [run.dagId, run.runId],
  );
  expect(new Set(accepted.map(({ task_id }) => task_id)).size).toBe(TASKS);
  expect(accepted).toHaveLength(TASKS);
  const effects = effectsOf(mesh);
  expect(accepted.filter(({ attempt_id }) => effects.get(attempt_id) !== 1)).toEqual([]);
}

test('what a killed triggerer waited for is seen once it is back', async () => {
  const run = await startDeferring();
  await allWait(run);
  await mesh.program('triggerer').kill();
  run.open();
  await mesh.program('triggerer').restart();
  expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
  await expectOneEffectEach(run);
});

test('what a triggerer waited for goes to another when it is killed, or stands still', async () => {
  const triggerer = mesh.program('triggerer');
  const other = await mesh.startAnother('triggerer');
  const first = await startDeferring();
  await allWait(first);
  await triggerer.kill();
  first.open();
  expect((await finish(mesh, first)).state).toBe(DagRunState.SUCCESS);
  await triggerer.restart();
  const second = await startDeferring();
  await allWait(second);
  other.pause();
  second.open();
  expect((await finish(mesh, second)).state).toBe(DagRunState.SUCCESS);
  other.resume();
  await expectOneEffectEach(first);
  await expectOneEffectEach(second);
});

test('an executor that is killed while tasks report that they wait loses none of them', async () => {
  const run = await startDeferring();
  await eventually(async () => (await countOf(run, 'deferred')) > 0, {
    deadlineMs: 60_000,
    what: () => `the first tasks wait\n${mesh.tails()}`,
    pollMs: 2,
  });
  await mesh.program('executor').restart();
  await allWait(run);
  run.open();
  expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
  await expectOneEffectEach(run);
});

test('a scheduler that is killed goes on with waits, questions, backfills and callbacks', async () => {
  const inputs = mesh.client(HumanInputService);
  const callbacks = mesh.program('worker-typescript-1');
  await callbacks.kill();
  const deferred = await startDeferring();
  const asked = await trigger(mesh, 'asking');
  const failed = [await trigger(mesh, 'alarming'), await trigger(mesh, 'alarming')];
  for (const run of failed) await finish(mesh, run);
  await allWait(deferred);
  await eventually(async () => (await inputs.listHumanInputs(asked)).humanInputs.length === 1, {
    deadlineMs: 60_000,
    what: 'the question is asked',
  });
  const backfill = await startBackfill();
  await eventually(async () => ((await backfill())?.progress?.successCount ?? 0) > 3, {
    deadlineMs: 60_000,
    what: () => `the backfill is under way\n${mesh.tails()}`,
    pollMs: 5,
  });

  await mesh.program('scheduler').restart();
  deferred.open();
  await callbacks.restart();
  const answer = { ...asked, taskId: 'approve', chosenOptions: ['Approve'] };
  await eventually(
    () =>
      inputs.respondHumanInput(answer).then(
        () => true,
        () => false,
      ),
    { deadlineMs: 60_000, what: () => `the answer is taken\n${mesh.tails()}` },
  );
  for (const run of [deferred, asked]) {
    expect((await finish(mesh, run)).state).toBe(DagRunState.SUCCESS);
  }
  await eventually(async () => (await backfill())?.backfill?.state === BackfillState.COMPLETED, {
    deadlineMs: 60_000,
    what: () => `the backfill is complete\n${mesh.tails()}`,
  });
  expect((await backfill())?.progress).toMatchObject({ datesCount: 60, successCount: 60 });
  for (const run of failed) await expectTold(run);
  await expectOneEffectEach(deferred);
}, 300_000);

/** Two months of a DAG, two days at once; answers how to see where that stands. */
async function startBackfill() {
  const { backfill } = await mesh.client(BackfillService).createBackfill({
    dagId: 'filled',
    fromDate: toTimestamp(Date.parse('2024-01-01')),
    toDate: toTimestamp(Date.parse('2024-02-29')),
    activeRunsMax: 2,
  });
  const backfillId = backfill?.backfillId ?? '';
  return async () => (await mesh.client(BackfillService).getBackfill({ backfillId })).status;
}

/** The callback of a run has been called, and has succeeded. */
async function expectTold(run: RunRef): Promise<void> {
  const callback = await eventuallyGives(
    async () => {
      const { runs } = await mesh.client(AlertService).listCallbacks(run);
      return runs.find(({ state }) => state === DagRunState.SUCCESS);
    },
    { deadlineMs: 60_000, what: () => `the callback of ${run.runId} has run\n${mesh.tails()}` },
  );
  expect(readFileSync(effectsFileIn(mesh.folder), 'utf8')).toContain(` ${callback.runId} `);
}
