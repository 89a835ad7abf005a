// A test's mesh leaves nothing behind: not when it cannot start, and not when the test is ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { hasEnded } from '../../services/standalone/embedded/child.ts';
import { family } from '../bench/cost.ts';
import { fixtureDags, startMesh } from './mesh.ts';
import { modes } from './use-mesh.ts';
import { eventually } from './wait.ts';

/** No service starts on a time that is none, nor the first of them on such a key. */
const refused = { DAGMESH_SWEEP_MS: 'soon', DAGMESH_SECRET_KEY: 'short' };

test.each(modes)('a %s that cannot start ends what it has started', async (mode) => {
  const before = family(process.pid);
  let folder = '';
  const starting = startMesh((own) => {
    folder = own;
    return { mode, dagsFolder: fixtureDags, env: refused };
  });
  await expect(starting).rejects.toThrow(/ended\n/);
  const isLeft = (pid: number) => !before.includes(pid) && !hasEnded(pid);
  await eventually(() => !family(process.pid).some(isLeft), {
    deadlineMs: 60_000,
    what: () => `processes ${family(process.pid).filter(isLeft).join(', ')} have ended`,
  });
  expect(existsSync(folder)).toBe(false);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'servers and programs end with the test process that a %s ends',
  async (signal) => {
    const tester = spawn(process.execPath, ['--input-type=module', '-e', starting()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(tester.stdout), 'line');
    const pids = JSON.parse(String(line)) as readonly number[];
    expect(pids.map(hasEnded)).toEqual([false, false, false]);
    tester.kill(signal);
    expect(await once(tester, 'exit')).toEqual([null, signal]);
    await eventually(() => pids.every(hasEnded), {
      deadlineMs: 60_000,
      what: () => `processes ${pids.filter((pid) => !hasEnded(pid)).join(', ')} have ended`,
    });
  },
);

/** A program that starts one of each kind, says their process ids and stays. */
function starting(): string {
  const of = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  return `
    import { startPostgres } from ${of('postgres.ts')};
    import { startNats } from ${of('nats.ts')};
    import { startProgram } from ${of('program.ts')};
    const program = startProgram({
      name: 'sleep', command: 'sleep', args: ['600'], env: {}, cwd: '/', logFile: '/dev/null',
    });
    const servers = [await startPostgres(), await startNats()];
    console.log(JSON.stringify([program, ...servers].map(({ pid }) => pid)));
  `;
}
