// A worker that sends every report twice, out of order and late, over plain HTTP: one outcome each,
// told the same both times.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finish, query, returnValue, taskInstances, trigger } from '../kit/flow.ts';
import { fastTimings, fixtureDags } from '../kit/mesh.ts';
import { useMesh } from '../kit/use-mesh.ts';

type Lease = { attemptId: string; attemptToken: string; taskId: string; inputsJson?: string };

const mesh = useMesh({
  mode: 'mesh',
  dagsFolder: join(fixtureDags, '..', 'one-chain'),
  env: fastTimings,
  workers: [],
});

async function call<T>(method: string, body: object): Promise<T> {
  const door = mesh.workerDoor;
  const response = await fetch(`${door.httpUrl}/dagmesh.worker.v1.WorkerService/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${door.token}` },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

test('every report sent twice has one effect', async () => {
  const ref = await trigger(mesh, 'one_chain');
  const workerId = 'double';
  const reports: object[] = [];
  for (const result of [10, 20, 30]) {
    const { leases } = await call<{ leases: Lease[] }>('AcquireTasks', {
      workerId,
      queues: ['default'],
      slots: 1,
      wait: '20s',
    });
    const [lease] = leases;
    const report = {
      attemptToken: lease?.attemptToken,
      outcome: 'OUTCOME_SUCCESS',
      xcoms: [{ key: 'return_value', valueJson: String(result) }],
    };
    const late = { ...report, outcome: 'OUTCOME_FAILED', error: { message: 'late' }, xcoms: [] };
    reports.push(report);
    const twice = await Promise.all([
      call('ReportTasks', { workerId, reports: [report] }),
      call('ReportTasks', { workerId, reports: [report] }),
    ]);
    for (const answer of twice) {
      expect(answer).toEqual({
        results: [{ attemptId: lease?.attemptId, status: 'ATTEMPT_STATUS_RECORDED' }],
      });
    }
    const contradiction = await call<{ results: { status: string }[] }>('ReportTasks', {
      workerId,
      reports: [late],
    });
    expect(contradiction.results[0]?.status).toBe('ATTEMPT_STATUS_STALE');
  }
  await call('ReportTasks', { workerId, reports: reports.reverse() });
  await finish(mesh, ref);
  expect(await returnValue(mesh, { ...ref, taskId: 'c' })).toBe(30);
  const instances = await taskInstances(mesh, ref);
  expect(instances.map((each) => each.epoch)).toEqual([1n, 1n, 1n]);
  const [xcoms] = await query<{ count: number }>(mesh, 'select count(*)::int as count from xcom');
  expect(xcoms?.count).toBe(3);
});
