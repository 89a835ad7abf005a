// What the changing commands ask of DagMesh, what they print, and how they end.
import { describe, expect, test } from 'vitest';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { eventuallyGives } from '../../tests/kit/wait.ts';
import { startCli, useMesh } from './test-cli.ts';

const { mesh, dagmesh, asked } = useMesh();

/** Ends the run that somebody waits for. */
async function finish(runId: string, state: DagRunState): Promise<void> {
  const run = await eventuallyGives(() => mesh().world.runs.get(runId), {
    deadlineMs: 60_000,
    what: `run ${runId} is there`,
  });
  mesh().world.runs.set(runId, { ...run, state, stateReason: 'task_failure' });
}

describe('dags trigger', () => {
  test('prints the run id alone, and passes on what the run is about', async () => {
    const when = '--logical-date 2026-02-01T01:00:00+01:00';
    const { code, stdout } = await dagmesh(`dags trigger etl -r mine --conf {"a":1} ${when}`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'mine\n' });
    expect(asked('TriggerDagRun')).toMatchObject({
      runId: 'mine',
      confJson: '{"a":1}',
      actor: 'admin',
      logicalDate: { seconds: BigInt(Date.UTC(2026, 1, 1) / 1_000) },
    });
  });

  test('is about now unless it is about a partition, or about none', async () => {
    for (const options of ['-r now', '-r part --partition-key de', '-r none -l none']) {
      await dagmesh(`dags trigger etl ${options}`);
    }
    const asked = mesh().asked.filter(({ rpc }) => rpc === 'TriggerDagRun');
    const haveDates = asked.map(({ request }) => Object.hasOwn(Object(request), 'logicalDate'));
    expect(haveDates).toEqual([true, false, false]);
  });

  test('ends with 0 when the run it waited for succeeded', async () => {
    const cli = startCli(['dags', 'trigger', 'etl', '-r', 'good', '--wait'], { url: mesh().url });
    await finish('good', DagRunState.SUCCESS);
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'good\n' });
    expect(stderr).toContain('succeeded');
  });

  test('ends with 1 when it failed, and says why and where to look', async () => {
    const args = ['dags', 'trigger', 'etl', '-r', 'bad', '-w', '-o', 'json'];
    const cli = startCli(args, { url: mesh().url });
    await finish('bad', DagRunState.FAILED);
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, state: JSON.parse(stdout).state }).toEqual({ code: 1, state: 'failed' });
    expect(stderr).toContain('task_failure');
    expect(stderr).toContain('dagmesh runs show etl bad');
  });

  test('ends with 5 when the time to wait is over', async () => {
    const { code, stderr } = await dagmesh('dags trigger etl -r slow --wait --timeout 200ms');
    expect(code).toBe(5);
    expect(stderr).toContain('slow is queued after 200ms; it goes on');
  });
});

describe('connections', () => {
  test('are read from a URI, with the password from stdin', async () => {
    const uri = 'postgresql://etl@db.example:5432/dw?sslmode=require';
    const line = `connections add warehouse --uri ${uri} --password-stdin`;
    const { code, stderr } = await dagmesh(line, { stdin: 'p@ss\n' });
    expect(code).toBe(0);
    expect(asked('PutConnection')).toMatchObject({
      createOnly: true,
      actor: 'admin',
      connection: {
        connId: 'warehouse',
        connType: 'postgres',
        host: 'db.example',
        port: 5432,
        login: 'etl',
        password: 'p@ss',
        schema: 'dw',
        extraJson: '{"sslmode":"require"}',
      },
    });
    expect(stderr).not.toContain('p@ss');
    const shown = await dagmesh('connections get warehouse -o json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ login: 'etl', password: '', extra_json: '' });
  });

  test('options go before the URI, and a password in it is warned of', async () => {
    const line = 'connections set other --uri http://u:p@host --host elsewhere --port 8080';
    const { code, stderr } = await dagmesh(line);
    expect(code).toBe(0);
    expect(stderr).toContain('--password-stdin');
    expect(asked('PutConnection')).toMatchObject({
      createOnly: false,
      connection: { host: 'elsewhere', port: 8080, login: 'u', password: 'p' },
    });
  });

  test('are not added twice, nor deleted when they are not there', async () => {
    mesh().world.connections.set('twice', { connId: 'twice', connType: 'http' });
    expect(await dagmesh('connections add twice --type http')).toMatchObject({ code: 6 });
    expect(await dagmesh('connections delete twice')).toMatchObject({ code: 0 });
    expect(await dagmesh('connections delete twice')).toMatchObject({ code: 3 });
  });
});

describe('variables', () => {
  test('are set from the command line, or from stdin with all their lines', async () => {
    await dagmesh('variables set region eu');
    expect(asked('PutVariable')).toMatchObject({ variable: { key: 'region', value: 'eu' } });
    mesh().asked.length = 0;
    await dagmesh('variables set text --secret', { stdin: 'one\ntwo\n' });
    const variable = { key: 'text', value: 'one\ntwo', isSecret: true };
    expect(asked('PutVariable')).toMatchObject({ variable });
  });

  test('that are secret are refused on the command line', async () => {
    const { code, stderr } = await dagmesh('variables set pin 1234 --secret');
    expect({ code, isAsked: asked('PutVariable') !== undefined }).toEqual({
      code: 2,
      isAsked: false,
    });
    expect(stderr).toContain('stdin');
  });
});

describe('pools', () => {
  test('have so many slots, or infinitely many', async () => {
    await dagmesh('pools set etl 4 --new --include-deferred');
    const pool = { name: 'etl', slots: 4, includeDeferred: true };
    expect(asked('PutPool')).toMatchObject({ createOnly: true, pool });
    mesh().asked.length = 0;
    await dagmesh('pools set etl infinite');
    expect(asked('PutPool')).toMatchObject({ createOnly: false, pool: { slots: -1 } });
  });

  test('that are needed are not deleted', async () => {
    const { code, stderr } = await dagmesh('pools delete default_pool');
    expect({ code, stderr }).toEqual({ code: 6, stderr: 'default_pool cannot be deleted\n' });
  });
});

describe('the rest', () => {
  test('pauses, unpauses, cancels, drains', async () => {
    await dagmesh('dags pause etl');
    expect(asked('SetDagPaused')).toMatchObject({ dagId: 'etl', isPaused: true });
    mesh().asked.length = 0;
    await dagmesh('dags unpause etl');
    expect(asked('SetDagPaused')).toMatchObject({ dagId: 'etl', isPaused: false });
    await dagmesh('dags trigger etl -r going');
    expect((await dagmesh('runs cancel etl going')).stderr).toContain('2 attempts');
    mesh().asked.length = 0;
    const { code, stderr } = await dagmesh('runs cancel etl manual__1');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'manual__1 has finished already: it is success.\n',
    });
    expect(asked('CancelDagRun')).toBeUndefined();
    await dagmesh('workers drain py-1 --reason upgrade');
    expect(asked('DrainWorker')).toMatchObject({ workerId: 'py-1', reason: 'upgrade' });
  });

  test('makes tokens, whose text alone is on stdout, and ends them', async () => {
    const { code, stdout } = await dagmesh('auth token create ci --role user');
    expect(code).toBe(0);
    const token = stdout.trim();
    expect(mesh().world.tokens.get(token)).toMatchObject({ userName: 'ci', role: 'user' });
    await dagmesh('auth token revoke', { stdin: stdout });
    expect(mesh().world.tokens.has(token)).toBe(false);
  });
});
