// A standalone that is killed leaves servers and workers behind; its next start ends them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readIfThere, repository } from '../kit/mesh.ts';
import { inheritedEnv, type Program, startProgram, tailOf } from '../kit/program.ts';
import { eventuallyGives } from '../kit/wait.ts';

let folder: string;
let standalone: Program;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dagmesh-leftovers-'));
  mkdirSync(join(folder, 'dags'));
  standalone = startProgram({
    name: 'standalone',
    command: process.execPath,
    args: [
      join(repository, 'services', 'standalone', 'main.ts'),
      ...['--home', join(folder, 'home'), '--dags', join(folder, 'dags'), '--no-showcase'],
      ...['--port', '0', '--worker-port', '0', '--worker-http-port', '0'],
      '--no-fsync',
    ],
    cwd: repository,
    logFile: join(folder, 'standalone.log'),
    env: inheritedEnv(),
  });
});
afterEach(async () => {
  await standalone.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

test('after kill −9 the next start ends the worker of before, and a stop ends the new one', async () => {
  const before = await workerPid();
  await standalone.restart();
  const after = await workerPid(before);
  expect(isAlive(before)).toBe(false);
  await standalone.kill('SIGTERM');
  expect(isAlive(after)).toBe(false);
});

/** The process id of its TypeScript worker, once there is one that is not this one. */
function workerPid(but = 0): Promise<number> {
  return eventuallyGives(
    () => {
      const pid = Number(readIfThere(join(folder, 'home', 'worker-typescript.pid')) ?? but);
      return pid !== but && isAlive(pid) ? pid : undefined;
    },
    { deadlineMs: 60_000, what: `a worker is there\n${tailOf(standalone)}` },
  );
}

/** Whether it runs; one that has ended and was not waited for by its parent has no command line. */
function isAlive(pid: number): boolean {
  return (readIfThere(`/proc/${pid}/cmdline`) ?? '') !== '';
}
