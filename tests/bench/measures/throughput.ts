// Fan-out, many chains at once, and what a task costs the control plane while they run.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { query } from '../../kit/flow.ts';
import type { TestMesh } from '../../kit/mesh.ts';
import { eventuallyGives } from '../../kit/wait.ts';
import { cpuMs } from '../cost.ts';
import { onMesh, ready, runToEnd, shortTaskWorker, spanMs } from '../load.ts';
import type { Measure } from '../measure.ts';
import { statementsCount } from '../statements.ts';

const TASKS_COUNT = 10_000;
const RUNS_COUNT = 1_000;
const TRIGGERS_AT_ONCE = 50;

export const throughputMeasure: Measure = {
  name: 'throughput',
  figures: [
    {
      key: 'fanoutTasksPerS',
      title: 'fan-out of 10,000',
      unit: 'tasks/s',
      least: 2000,
      better: 'higher',
    },
    {
      key: 'chainRunsTasksPerS',
      title: '1,000 runs of 10 tasks',
      unit: 'tasks/s',
      least: 1500,
      better: 'higher',
    },
    {
      key: 'statementsPerTask',
      title: 'SQL statements per task',
      unit: '',
      least: 1,
      better: 'lower',
    },
    {
      key: 'cpuMsPerTask',
      title: 'control-plane CPU per task',
      unit: 'ms',
      least: 1,
      better: 'lower',
    },
  ],
  run: (mode) =>
    onMesh({ mode, workers: [shortTaskWorker] }, async (mesh) => {
      await ready(mesh, 'bench_fanout');
      await ready(mesh, 'bench_chain10');
      await runToEnd(mesh, 'bench_chain10');
      await runToEnd(mesh, 'bench_fanout');
      const before = { cpuMs: controlPlaneCpuMs(mesh), statements: await statementsCount(mesh) };
      const fanoutMs = spanMs(await runToEnd(mesh, 'bench_fanout'));
      const after = { cpuMs: controlPlaneCpuMs(mesh), statements: await statementsCount(mesh) };
      return {
        fanoutTasksPerS: TASKS_COUNT / (fanoutMs / 1000),
        chainRunsTasksPerS: (RUNS_COUNT * 10) / ((await chainRunsMs(mesh)) / 1000),
        statementsPerTask: (after.statements - before.statements) / TASKS_COUNT,
        cpuMsPerTask: (after.cpuMs - before.cpuMs) / TASKS_COUNT,
      };
    }),
};

/** From the first trigger to the end of the last run, looked up behind the scenes. */
async function chainRunsMs(mesh: TestMesh): Promise<number> {
  const runs = mesh.client(DagRunService);
  const startMs = Date.now();
  for (let i = 0; i < RUNS_COUNT; i += TRIGGERS_AT_ONCE) {
    await Promise.all(
      Array.from({ length: TRIGGERS_AT_ONCE }, (_, k) =>
        runs.triggerDagRun({ dagId: 'bench_chain10', runId: `bench-${startMs}-${i + k}` }),
      ),
    );
  }
  const endMs = await eventuallyGives(() => lastEndMs(mesh, `bench-${startMs}-%`), {
    deadlineMs: 120_000,
    what: () => `all chains have ended\n${mesh.tails()}`,
    pollMs: 250,
  });
  return endMs - startMs;
}

/** When the last of the runs succeeded; undefined while one has not. */
async function lastEndMs(mesh: TestMesh, runIds: string): Promise<number | undefined> {
  const [row] = await query<{ count: number; end_ms: number }>(
    mesh,
    `select count(*)::int as count, max(extract(epoch from end_date) * 1000)::float8 as end_ms
     from dag_run where dag_id = 'bench_chain10' and run_id like $1 and state = 'success'`,
    [runIds],
  );
  return row?.count === RUNS_COUNT ? row.end_ms : undefined;
}

/** CPU of the services alone: not of workers, PostgreSQL, nats-server. */
function controlPlaneCpuMs(mesh: TestMesh): number {
  const services = [...mesh.programs.values()].filter((each) => !each.name.startsWith('worker'));
  return services.reduce((sum, service) => sum + cpuMs(service.pid), 0);
}
