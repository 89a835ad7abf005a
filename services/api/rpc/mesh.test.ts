// What the api makes of the mesh behind it: who did it, what is repeated, which errors pass.
import { describe, expect, test } from 'vitest';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { Code, ConnectError, fail } from '#kernel/errors/errors.ts';
import { failingWith, useDoor } from '../test-door.ts';

const { mesh, edge, asked } = useDoor();

describe('a change', () => {
  test('names the user of the token as its actor', async () => {
    await edge().client(DagService).pauseDag({ dagId: 'etl' });
    await edge().client(DagRunService).cancelDagRun({ dagId: 'etl', runId: 'manual__1' });
    const connection = { connId: 'db', connType: 'postgres', password: 'secret' };
    await edge().client(ConnectionService).putConnection({ connection });
    expect(asked('SetDagPaused')).toMatchObject([{ dagId: 'etl', isPaused: true, actor: 'op' }]);
    expect(asked('CancelDagRun')).toMatchObject([{ runId: 'manual__1', actor: 'op' }]);
    expect(asked('PutConnection')).toMatchObject([{ connection, createOnly: false, actor: 'op' }]);
  });

  test('that only creates says so, and is not repeated when its fate is unknown', async () => {
    const connection = { connId: 'other', connType: 'http' };
    mesh.faults.set('PutConnection', [new ConnectError('connection reset', Code.Unavailable)]);
    const create = () => edge().client(ConnectionService).createConnection({ connection });
    await expect(create()).rejects.toSatisfy(failingWith('unreachable'));
    await create();
    await expect(create()).rejects.toSatisfy(failingWith('connection_exists'));
    expect(asked('PutConnection')).toMatchObject(Array(3).fill({ createOnly: true }));
  });

  test('at an owner that is just changing is repeated under the same request_id', async () => {
    const moving = [fail('not_owner', 'not mine'), fail('taking_over', 'wait')];
    mesh.faults.set('TriggerDagRun', moving);
    const { runId } = await edge().client(DagRunService).triggerDagRun({ dagId: 'etl' });
    expect(runId).toMatch(/^manual__/);
    const ids = asked('TriggerDagRun').map(
      (request) => (request as { requestId: string }).requestId,
    );
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).not.toBe('');
  });

  test('keeps the request_id its caller chose', async () => {
    const request = { dagId: 'etl', runId: 'mine', requestId: 'twice', confJson: '{"a":1}' };
    await edge().client(DagRunService).triggerDagRun(request);
    expect(asked('TriggerDagRun')).toMatchObject([{ ...request, actor: 'op' }]);
  });
});

describe('an error of the mesh', () => {
  test('keeps its code, reason and sentence', async () => {
    const missing = edge().client(DagService).getDag({ dagId: 'nothing' });
    await expect(missing).rejects.toMatchObject({ code: Code.NotFound });
    await expect(missing).rejects.toSatisfy(failingWith('dag_not_found'));
    await expect(missing).rejects.toThrow('there is no DAG "nothing"');
  });

  test('that passes is not seen: reads are repeated', async () => {
    mesh.faults.set('ListDags', [new ConnectError('reset', Code.Unavailable)]);
    const { dags } = await edge().client(DagService).listDags({});
    expect(dags.map(({ dagId }) => dagId)).toEqual(['etl']);
  });

  test('about the api itself does not tell its caller to sign in', async () => {
    mesh.faults.set('ListDags', [fail('caller_not_allowed', 'for others only')]);
    const refused = edge().client(DagService).listDags({});
    await expect(refused).rejects.toSatisfy(failingWith('internal'));
    await expect(refused).rejects.toThrow('DAGMESH_CLUSTER_KEY');
  });
});
