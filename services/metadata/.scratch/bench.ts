import { create } from '@bufbuild/protobuf';
import { CommitRequestSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PARTITIONS_COUNT, partitionOf } from '#kernel/partition/partition.ts';
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { openDatabase } from '../ledger/database.ts';
import { migrate } from '../migrations/migrate.ts';
import { commitChanges } from '../ledger/commit.ts';
import { renewScheduler } from '../mesh/scheduler-lease.ts';
import { aRun, aTaskInstance, anAttempt } from '../testing/builders.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
const url = process.env.DAGMESH_DATABASE_URL!;
await migrate(url);
const db = openDatabase(url, console.error);
const id = 's-' + Math.random();
const lease = await renewScheduler(db, { schedulerId: id, address: 'a', ttlMs: 600000 });
const epoch = lease.owned.find((o) => o.partition === partitionOf('etl'))!.epoch;
let seq = 0n;
const commit = (c: any) =>
  commitChanges(
    db,
    create(CommitRequestSchema, {
      schedulerId: id,
      commitSeq: ++seq,
      fences: [{ partition: partitionOf('etl'), epoch }],
      ...c,
    }),
  );
const med = (a: number[]) =>
  a.sort((x, y) => x - y)[a.length >> 1]!.toFixed(2) +
  ' p90 ' +
  a[Math.floor(a.length * 0.9)]!.toFixed(2);
const t = async (f: () => Promise<unknown>) => {
  const s = performance.now();
  await f();
  return performance.now() - s;
};
const N = 500;
const ins: number[] = [],
  lea: number[] = [],
  end: number[] = [],
  hop: number[] = [],
  renew: number[] = [],
  pool: number[] = [];
const cpu0 = process.cpuUsage();
const w0 = performance.now();
for (let k = 0; k < 25; k++) {
  const run = aRun();
  const tis = Array.from({ length: N }, (_, i) =>
    aTaskInstance({ dagRunId: run.id, taskId: 't' + i }),
  );
  ins.push(await t(() => commit({ newRuns: [run], newTaskInstances: tis })));
  const now = toTimestamp(Date.now());
  const ats = tis.map((ti) => anAttempt({ taskInstanceId: ti.id, startDate: now }));
  const running = tis.map((ti, i) => ({
    ...ti,
    state: TaskInstanceState.RUNNING,
    tryNumber: 1,
    epoch: 1n,
    attemptId: ats[i]!.attemptId,
    queuedAt: now,
    startDate: now,
  }));
  lea.push(await t(() => commit({ changedTaskInstances: running, newAttempts: ats })));
  end.push(
    await t(() =>
      commit({
        changedTaskInstances: running.map((r) => ({
          ...r,
          state: TaskInstanceState.SUCCESS,
          endDate: now,
        })),
        endedAttempts: ats.map((a) => ({ ...a, state: TaskAttemptState.SUCCESS, endDate: now })),
      }),
    ),
  );
}
const cpu = process.cpuUsage(cpu0);
console.log(
  'insert 500',
  med(ins),
  '| lease 500+500',
  med(lea),
  '| end 500+500',
  med(end),
  '| cpu/commit',
  ((cpu.user + cpu.system) / 75000).toFixed(2),
);
{
  const run = aRun();
  const n = 300;
  const tis = Array.from({ length: n + 1 }, (_, i) =>
    aTaskInstance({ dagRunId: run.id, taskId: 't' + i }),
  );
  await commit({ newRuns: [run], newTaskInstances: tis });
  let cur = anAttempt({ taskInstanceId: tis[0]!.id });
  await commit({
    newAttempts: [cur],
    poolClaims: [{ pool: 'default_pool', slots: 1, taskInstanceId: tis[0]!.id }],
  });
  const c0 = process.cpuUsage();
  for (let i = 0; i < n; i++) {
    const now = toTimestamp(Date.now());
    const next = anAttempt({ taskInstanceId: tis[i + 1]!.id, startDate: now });
    const body = {
      changedTaskInstances: [
        { ...tis[i]!, state: TaskInstanceState.SUCCESS, attemptId: cur.attemptId, endDate: now },
        {
          ...tis[i + 1]!,
          state: TaskInstanceState.RUNNING,
          attemptId: next.attemptId,
          startDate: now,
        },
      ],
      endedAttempts: [{ ...cur, state: TaskAttemptState.SUCCESS, endDate: now }],
      newAttempts: [next],
      xcoms: [{ attemptId: cur.attemptId, xcoms: [{ key: 'return_value', valueJson: '1' }] }],
      poolClaims: [
        { pool: 'default_pool', slots: -1, taskInstanceId: tis[i]!.id },
        { pool: 'default_pool', slots: 1, taskInstanceId: tis[i + 1]!.id },
      ],
    };
    hop.push(await t(() => commit(body)));
    cur = next;
  }
  const c = process.cpuUsage(c0);
  console.log('hop', med(hop), 'cpu', ((c.user + c.system) / n / 1000).toFixed(2));
  for (let i = 0; i < 200; i++)
    pool.push(
      await t(() =>
        commit({
          poolClaims: [{ pool: 'default_pool', slots: i % 2 ? -1 : 1, taskInstanceId: tis[0]!.id }],
        }),
      ),
    );
  console.log('pool move', med(pool));
}
for (let i = 0; i < 100; i++)
  renew.push(await t(() => renewScheduler(db, { schedulerId: id, address: 'a', ttlMs: 600000 })));
console.log('renew', med(renew));
const { releaseScheduler } = await import('../mesh/scheduler-lease.ts');
await releaseScheduler(db, id);
await db.close();
