// One task with 100,000 instances: how soon the first of them runs, how fast all are done, and what
// they cost the scheduler's memory.
import { query } from '../../kit/flow.ts';
import type { TestMesh } from '../../kit/mesh.ts';
import { memoryMb } from '../cost.ts';
import { onMesh, ready, runToEnd, shortTaskWorker } from '../load.ts';
import type { Measure } from '../measure.ts';

const INSTANCES_COUNT = 100_000;
const WATCH_MS = 250;

export const mappedMeasure: Measure = {
  name: 'mapped',
  figures: [
    {
      key: 'mappedFirstS',
      title: '100,000 mapped instances, first runs after',
      unit: 's',
      least: 10,
      better: 'lower',
    },
    {
      key: 'mappedTasksPerS',
      title: '100,000 mapped instances',
      unit: 'tasks/s',
      least: 1500,
      better: 'higher',
    },
    {
      key: 'mappedGrowthMb',
      title: '100,000 mapped instances, scheduler grows by',
      unit: 'MB',
      least: 200,
      better: 'lower',
    },
  ],
  run: (mode) =>
    onMesh({ mode, workers: [shortTaskWorker] }, async (mesh) => {
      await ready(mesh, 'bench_mapped');
      await ready(mesh, 'bench_chain10');
      await runToEnd(mesh, 'bench_chain10');
      const memory = watchMemory(mesh);
      await runToEnd(mesh, 'bench_mapped');
      const growthMb = memory.stop();
      const times = await timesOf(mesh);
      return {
        mappedFirstS: times.firstMs / 1000,
        mappedTasksPerS: INSTANCES_COUNT / (times.allMs / 1000),
        // In one process the scheduler's memory cannot be told from the others'.
        ...(mode === 'mesh' ? { mappedGrowthMb: growthMb } : {}),
      };
    }),
};

/** From the trigger to the first start, and to the last end, of a mapped instance. */
async function timesOf(mesh: TestMesh): Promise<{ firstMs: number; allMs: number }> {
  const [row] = await query<{ count: number; first_ms: number; all_ms: number }>(
    mesh,
    `select count(*)::int as count,
       extract(epoch from min(i.start_date) - min(r.queued_at))::float8 * 1000 as first_ms,
       extract(epoch from max(i.end_date) - min(r.queued_at))::float8 * 1000 as all_ms
     from task_instance as i join dag_run as r on r.id = i.dag_run_id
     where r.dag_id = 'bench_mapped' and i.task_id = 'work' and i.state = 'success'`,
  );
  if (row?.count !== INSTANCES_COUNT) throw new Error(`${row?.count} instances succeeded`);
  return { firstMs: row.first_ms, allMs: row.all_ms };
}

/** The most that the scheduler's memory is above what it is now, in MB, until it is stopped. */
function watchMemory(mesh: TestMesh): { stop(): number } {
  const pid = mesh.programs.get('scheduler')?.pid;
  const look = () => (pid === undefined ? 0 : memoryMb(pid));
  const beforeMb = look();
  let mostMb = beforeMb;
  const timer = setInterval(() => {
    mostMb = Math.max(mostMb, look());
  }, WATCH_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return mostMb - beforeMb;
    },
  };
}
