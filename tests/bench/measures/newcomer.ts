// The newcomer's first command, with packages installed: from `npm start` on an empty home to the
// first succeeded task.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Ready } from '../../../services/standalone/ready.ts';
import { readIfThere, repository } from '../../kit/mesh.ts';
import { startProgram, tailOf } from '../../kit/program.ts';
import { eventuallyGives } from '../../kit/wait.ts';
import type { Measure } from '../measure.ts';

const noFigures: Readonly<Record<string, number>> = {};
const LIMIT_MS = 120_000;
const POLL_MS = 50;
const anyDoors = ['--port', '0', '--worker-port', '0', '--worker-http-port', '0'];

export const newcomerMeasure: Measure = {
  name: 'newcomer',
  figures: [
    { key: 'firstTaskS', title: 'npm start to first task', unit: 's', least: 30, better: 'lower' },
  ],
  run: async (mode) => {
    // `npm start` is the standalone; the mesh has no first command of its own.
    if (mode === 'mesh') return noFigures;
    const folder = mkdtempSync(join(tmpdir(), 'dagmesh-bench-home-'));
    const home = join(folder, 'home');
    const startMs = performance.now();
    const program = startProgram({
      name: 'npm-start',
      command: 'npm',
      args: ['start', '--', '--home', home, ...anyDoors],
      cwd: repository,
      logFile: join(folder, 'npm-start.log'),
      env: { ...(process.env as Record<string, string>) },
    });
    try {
      const firstTaskS = await eventuallyGives(
        async () => {
          if (!program.isAlive()) throw new Error(`npm start ended\n${tailOf(program)}`);
          return (await hasSucceeded(home)) ? (performance.now() - startMs) / 1000 : undefined;
        },
        { deadlineMs: LIMIT_MS, what: 'the first task succeeded', pollMs: POLL_MS },
      );
      return { firstTaskS };
    } finally {
      const ready = readIfThere(join(home, 'ready.json'));
      if (ready !== undefined) process.kill((JSON.parse(ready) as Ready).pid, 'SIGTERM');
      await program.kill(ready === undefined ? 'SIGTERM' : 'SIGCONT');
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function hasSucceeded(home: string): Promise<boolean> {
  const ready = readIfThere(join(home, 'ready.json'));
  if (ready === undefined) return false;
  const client = new pg.Client({ connectionString: (JSON.parse(ready) as Ready).databaseUrl });
  await client.connect();
  const found = await client.query(`select 1 from task_instance where state = 'success' limit 1`);
  await client.end();
  return found.rowCount === 1;
}
