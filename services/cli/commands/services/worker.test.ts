// `dagmesh worker` starts a worker that knows where to go.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../test-cli.ts';

let home: string;
let env: Readonly<Record<string, string>>;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'dagmesh-worker-'));
  const door = { address: '127.0.0.1:7', httpUrl: 'http://127.0.0.1:8', token: 'enrol' };
  writeFileSync(join(home, 'ready.json'), JSON.stringify({ workerDoor: door }));
  // Stands in for Python: says how it was called, and ends as a worker might.
  const python = join(home, 'python');
  writeFileSync(
    python,
    '#!/bin/bash\necho "$* | $DAGMESH_EXECUTOR_ADDRESS $DAGMESH_WORKER_TOKEN"\n' +
      'echo "$DAGMESH_WORKER_QUEUES $DAGMESH_WORKER_SLOTS $DAGMESH_WORKER_ID"\nexit 7\n',
  );
  chmodSync(python, 0o755);
  env = { DAGMESH_HOME: home, DAGMESH_PYTHON: python, PATH: '/usr/bin:/bin' };
});
afterAll(() => rmSync(home, { recursive: true }));

const worker = (line: string, more: Readonly<Record<string, string>> = {}) =>
  runCli(['worker', '--language', 'python', ...line.split(' ')], { env: { ...env, ...more } });

describe('a worker started by the command line', () => {
  test('goes to the standalone beside it, serves what it is told to, and ends as it ends', async () => {
    const { code, stdout } = await worker('--queues python,etl --slots 4 --id me');
    expect(stdout).toBe('-m dagmesh.worker | 127.0.0.1:7 enrol\npython,etl 4 me\n');
    expect(code).toBe(7);
  });

  test('goes where the environment says when that holds a token', async () => {
    const elsewhere = { DAGMESH_EXECUTOR_ADDRESS: 'far:1', DAGMESH_WORKER_TOKEN: 'mine' };
    const { stdout } = await worker('--slots 1', elsewhere);
    expect(stdout).toContain('-m dagmesh.worker | far:1 mine\n');
  });

  test('speaks a language that has an SDK here', async () => {
    const { code, stderr } = await runCli(['worker', '--language', 'cobol'], { env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('typescript') });
  });
});
