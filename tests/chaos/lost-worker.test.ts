// Workers that vanish, stand still, or say everything twice.
import { expect, test } from 'vitest';
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { WorkerState } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { finish, query, trigger } from '../kit/flow.ts';
import { fastTimings, type TestMesh } from '../kit/mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';
import { effectsOf, startLoadMesh } from './load.ts';

const ttlMs = Number(fastTimings.DAGMESH_LEASE_TTL_MS);
const sweepMs = Number(fastTimings.DAGMESH_SWEEP_MS);
/** On top: the ways between the programs, on a machine that is busy with other things. */
const slackMs = 10_000;

type Attempt = { attempt_id: string; state: string; worker_id: string; end_date: Date | null };

async function attempts(mesh: TestMesh, of: { runId: string }): Promise<Attempt[]> {
  return query<Attempt>(
    mesh,
    `select a.attempt_id, a.state::text as state, a.worker_id, a.end_date from task_attempt a
     join task_instance i on i.id = a.task_instance_id join dag_run r on r.id = i.dag_run_id
     where r.run_id = $1 order by a.epoch`,
    [of.runId],
  );
}

async function firstAttempt(mesh: TestMesh, of: { runId: string }): Promise<Attempt> {
  return eventuallyGives(
    async () => {
      const begun = effectsOf(mesh);
      return (await attempts(mesh, of)).find((attempt) => begun.has(attempt.attempt_id));
    },
    { deadlineMs: 60_000, what: () => `the first attempt runs\n${mesh.tails()}` },
  );
}

test('a killed worker is found within its TTL, and its task succeeds elsewhere', async () => {
  const mesh = await startLoadMesh();
  const ref = await trigger(mesh, 'long_task');
  const first = await firstAttempt(mesh, ref);
  const killedAtMs = Date.now();
  await mesh.program(first.worker_id).kill();
  await finish(mesh, ref);
  const [lost, second] = (await attempts(mesh, ref)).filter(hasBegun);
  expect(lost).toMatchObject({ attempt_id: first.attempt_id, state: 'lost' });
  expect(second).toMatchObject({ state: 'success' });
  expect(second?.worker_id).not.toBe(first.worker_id);
  const foundAfterMs = (lost?.end_date?.getTime() ?? Number.POSITIVE_INFINITY) - killedAtMs;
  expect(foundAfterMs).toBeLessThan(ttlMs + sweepMs + slackMs);
});

test('a worker that stood still past its lease changes nothing when it comes back', async () => {
  const mesh = await startLoadMesh();
  const ref = await trigger(mesh, 'long_task');
  const first = await firstAttempt(mesh, ref);
  const worker = mesh.program(first.worker_id);
  worker.pause();
  await finish(mesh, ref);
  const before = await attempts(mesh, ref);
  worker.resume();
  await eventually(async () => (await connectedWorkers(mesh)).includes(first.worker_id), {
    deadlineMs: 60_000,
    what: () => `the worker is back\n${mesh.tails()}`,
  });
  expect(await attempts(mesh, ref)).toEqual(before);
  expect(before.filter(hasBegun).map(({ state }) => state)).toEqual(['lost', 'success']);
});

/** On a busy machine a worker may hand an attempt back that it could not begin in time. */
function hasBegun({ state }: Attempt): boolean {
  return state !== 'rejected';
}

async function connectedWorkers(mesh: TestMesh): Promise<string[]> {
  const { workers } = await mesh.client(WorkerService).listWorkers({});
  return workers
    .filter((worker) => worker.state === WorkerState.ACTIVE)
    .map((worker) => worker.workerId);
}
