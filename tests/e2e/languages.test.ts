// The spine, on both forms of the system: one DAG through three languages, and every call of a
// running task.
import { describe, expect, test } from 'vitest';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { finish, logLines, returnValue, runDag, taskStates } from '../kit/flow.ts';
import { fixtureDags } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';

describe.each(modes)('on %s', (mode) => {
  const mesh = useMesh({
    mode,
    dagsFolder: fixtureDags,
    workers: [{ language: 'typescript' }, { language: 'python' }, { language: 'bash' }],
  });

  test('a value travels from TypeScript through Python to bash and back', async () => {
    const run = await runDag(mesh, 'three_languages', { start: 4 });
    expect(run.state).toBe('SUCCESS');
    expect(await returnValue(mesh, { ...run, taskId: 'double' })).toBe(10);
    expect(await returnValue(mesh, { ...run, taskId: 'check' })).toEqual({
      double: 10,
      written: '10',
    });
    expect(await logLines(mesh, { ...run, taskId: 'double' })).toContain('doubling 5');
  });

  test('a running task reaches connections, variables, XComs, states and other DAGs', async () => {
    await mesh.client(ConnectionService).putConnection({
      connection: {
        connId: 'warehouse',
        connType: 'postgres',
        host: 'db.example',
        password: 'hunter2-long',
      },
    });
    await mesh.client(ConnectionService).putConnection({
      connection: { connId: 'secret_store', connType: 'http', host: 'x' },
    });
    const run = await runDag(mesh, 'data_plane');
    expect(run.state).toBe('SUCCESS');
    const used = await returnValue(mesh, { ...run, taskId: 'uses' });
    expect(used).toMatchObject({
      host: 'db.example',
      colour: 'green',
      gone: true,
      undeclared: 'permission_denied',
      pulled: { rows: 3 },
      keys: ['extra'],
      states: { pushes: 'success', uses: 'running' },
    });
    expect(await logLines(mesh, { ...run, taskId: 'uses' })).toContain('the password is ***');
    const triggered = { dagId: 'three_steps', runId: used.triggered };
    await finish(mesh, triggered);
    expect(await returnValue(mesh, { ...triggered, taskId: 'c' })).toBe(3);
  });

  test('all states of a finished run are told', async () => {
    const run = await runDag(mesh, 'three_steps');
    expect(await taskStates(mesh, run)).toEqual({ a: 'SUCCESS', b: 'SUCCESS', c: 'SUCCESS' });
  });
});
