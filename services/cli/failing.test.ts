// How commands fail: an exit code that means something, a sentence, what to do next, no stack.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeMesh, startFakeMesh } from '../../tests/kit/fake-mesh.ts';
import { tokenOf } from '../../tests/kit/fake-world.ts';
import { type CliOptions, runCli } from './test-cli.ts';

let mesh: FakeMesh;
let home: string;
beforeAll(async () => {
  mesh = await startFakeMesh();
  home = mkdtempSync(join(tmpdir(), 'dagmesh-cli-'));
});
afterAll(async () => {
  await mesh.stop();
  rmSync(home, { recursive: true });
});

const dagmesh = (line: string, options: CliOptions = {}) =>
  runCli(line.split(' '), { url: mesh.url, ...options });

describe('the command line', () => {
  test.each([
    ['dags trigger', "missing required argument 'dag-id'"],
    ['dags lst', 'Did you mean list?'],
    ['dags list --limit 0', 'from 1 to 100000'],
    ['dags trigger etl --conf {', 'not JSON'],
    ['connections add x --uri nonsense', 'type://login'],
    ['--api nonsense dags list', 'http:// or https://'],
    [
      '--token-file no/such.token dags list',
      '"no/such.token" cannot be read: there is no such file',
    ],
    ['dags trigger not/allowed', 'dag_id "not/allowed" may have letters'],
    ['dags show --bogus', 'dagmesh dags show --help'],
    ['backfill show nope', 'dagmesh backfill list'],
    ['runs list etl --backfill nope', "'nope' is invalid. It is no id of a backfill"],
    ['inputs list --run manual__1', '--run needs the DAG'],
    ['tasks clear etl all -s 2026-02-01 -e 2026-01-01 --yes', 'exchange them'],
    ['tasks mark success etl all -s 2026-02-01 --past --yes', '--past and --future'],
    ['backfill create etl --from-date 2026-02-01 --to-date 2026-01-01 --yes', 'exchange them'],
    ['xcom set etl latest load {', 'It is not JSON'],
  ])('%s is refused with 2', async (line, sentence) => {
    const { code, stdout, stderr } = await dagmesh(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('what is not there', () => {
  test.each([
    ['dags show nothing', 'there is no DAG "nothing"'],
    ['dags trigger nothing', 'there is no DAG "nothing"'],
    ['runs show nothing latest', 'there is no DAG "nothing"'],
    ['tasks logs etl latest load', 'dagmesh tasks explain'],
    ['connections get nothing', 'dagmesh connections list'],
    ['workers drain nothing', 'dagmesh workers list'],
  ])('%s ends with 3', async (line, sentence) => {
    const { code, stdout, stderr } = await dagmesh(line);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(sentence);
  });
});

describe('signing in', () => {
  test('without a token ends with 4 and says how to pass one', async () => {
    const { code, stderr } = await dagmesh('dags list', { role: '' });
    expect(code).toBe(4);
    expect(stderr).toContain('DAGMESH_TOKEN');
  });

  test('with a wrong token, or one that may not, ends with 4', async () => {
    expect(await dagmesh('dags list', { role: 'nobody' })).toMatchObject({ code: 4 });
    const { code, stderr } = await dagmesh('dags pause etl', { role: 'viewer' });
    expect(code).toBe(4);
    expect(stderr).toContain('role user');
  });

  test('takes the token of a file before that of the environment', async () => {
    const file = join(home, 'op.token');
    writeFileSync(file, `${tokenOf('op')}\n`);
    const { stdout } = await dagmesh(`auth whoami --token-file ${file}`, { role: 'viewer' });
    expect(stdout).toBe('op (op)\n');
  });

  test('beside a standalone needs nothing: its folder has the door and the key', async () => {
    writeFileSync(join(home, 'ready.json'), JSON.stringify({ apiUrl: mesh.url }));
    writeFileSync(join(home, 'admin.token'), tokenOf('admin'));
    const { code, stdout } = await runCli(['auth', 'whoami'], {
      role: '',
      env: { DAGMESH_HOME: home },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'admin (admin)\n' });
  });
});

describe('a DagMesh that cannot be reached', () => {
  test('ends with 5 and says how to start it', async () => {
    const { code, stderr } = await dagmesh('dags list', { url: 'http://127.0.0.1:1' });
    expect(code).toBe(5);
    expect(stderr).toContain('dagmesh standalone');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('is what another HTTP server is, too', async () => {
    const stranger = createServer((_request, response) => response.writeHead(404).end('{}'));
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const { code, stderr } = await dagmesh('dags list', { url: `http://127.0.0.1:${port}` });
    stranger.close();
    expect(code).toBe(5);
    expect(stderr).toContain('is no DagMesh api');
    expect(stderr).toContain('--api <url>');
  });

  test('shows the stack to those who ask for it', async () => {
    const debug = { url: 'http://127.0.0.1:1', env: { DAGMESH_DEBUG: '1' } };
    const { stderr } = await dagmesh('dags list', debug);
    expect(stderr).toMatch(/\n\s+at /);
  });
});
