// 1,000 DAGs whose schedule falls on the same second: how late their tasks begin.
import { join } from 'node:path';
import pg from 'pg';
import { repository, type TestMesh } from '../../kit/mesh.ts';
import { eventuallyGives } from '../../kit/wait.ts';
import { percentile } from '../figures.ts';
import { onMesh, ready } from '../load.ts';
import type { Measure } from '../measure.ts';

const dagsFolder = join(repository, 'tests', 'bench', 'cron-dags');
const worker = {
  language: 'typescript',
  slots: 64,
  env: { DAGMESH_WORKER_ATTEMPTS_PER_CHILD: '32' },
} as const;
const DAGS_COUNT = 1_000;
/** The file is parsed, then the next full minute comes, then everything runs. */
const LIMIT_MS = 150_000;

export const cronMeasure: Measure = {
  name: 'cron',
  figures: [
    {
      key: 'cronLatenessMsP99',
      title: '1,000 cron DAGs due at once, p99 late',
      unit: 'ms',
      least: 1000,
      better: 'lower',
    },
  ],
  run: (mode) =>
    onMesh({ mode, dagsFolder, workers: [worker] }, async (mesh) => {
      await ready(mesh, `minutely_${DAGS_COUNT - 1}`);
      return { cronLatenessMsP99: percentile(await latenessesMs(mesh), 99) };
    }),
};

/**
 * Start of each task minus the instant its run was due, for the first minute that was still to
 * come.
 */
async function latenessesMs(mesh: TestMesh): Promise<number[]> {
  const client = new pg.Client({ connectionString: mesh.databaseUrl });
  await client.connect();
  const since = new Date();
  const read = async () => {
    const { rows } = await client.query<{ late_ms: number }>(
      `select extract(epoch from i.start_date - r.run_after)::float8 * 1000 as late_ms
       from dag_run r join task_instance i on i.dag_run_id = r.id
       where r.run_after = (select min(run_after) from dag_run where run_after > $1)
         and i.start_date is not null`,
      [since],
    );
    return rows.length === DAGS_COUNT ? rows.map((row) => row.late_ms) : undefined;
  };
  try {
    return await eventuallyGives(read, {
      deadlineMs: LIMIT_MS,
      what: () => `all cron tasks ran\n${mesh.tails()}`,
      pollMs: 1000,
    });
  } finally {
    await client.end();
  }
}
