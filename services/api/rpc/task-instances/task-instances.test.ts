// Task instances as programs see them: explained, without secrets, by index.
import { describe, expect, test } from 'vitest';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { useDoor } from '../../test-door.ts';

const { mesh, edge, asked } = useDoor();

describe('a task instance', () => {
  test('is explained by the owner of its DAG', async () => {
    const task = { dagId: 'etl', runId: 'manual__1', taskId: 'load' };
    const { explanation } = await edge().client(TaskInstanceService).explainTaskInstance(task);
    expect(explanation?.blockers[0]).toMatchObject({ kind: 'upstream', subject: 'validate' });
  });

  test('and its DAG are shown without what their triggers prove themselves with', async () => {
    const value = { url: 'https://jobs', headers: { authorization: 'Bearer s3cret' } };
    const wait = { waitId: 'w', trigger: { kind: { case: 'http' as const, value } } };
    const dag = mesh.world.dags.get('etl') ?? {};
    const task = mesh.world.tasks[1] ?? {};
    Object.assign(task, { wait });
    const spec = { dagId: 'etl', tasks: [{ taskId: 'wait', trigger: wait.trigger }] };
    mesh.world.dags.set('etl', { ...dag, spec });
    const place = { dagId: 'etl', runId: 'manual__1' };
    const tasks = edge().client(TaskInstanceService);
    const answers = [
      await tasks.listTaskInstances(place),
      await tasks.getTaskInstance({ ...place, taskId: task.taskId ?? '' }),
      await edge().client(DagService).getDag({ dagId: 'etl' }),
    ];
    mesh.world.dags.set('etl', dag);
    Object.assign(task, { wait: undefined });
    for (const answer of answers) {
      const shown = JSON.stringify(answer, (_key, part: unknown) =>
        typeof part === 'bigint' ? String(part) : part,
      );
      expect(shown).not.toContain('s3cret');
      expect(shown).toContain('"authorization":"***"');
    }
  });

  test('is unmapped unless its index is given', async () => {
    const task = { dagId: 'etl', runId: 'manual__1', taskId: 'load' };
    await edge().client(TaskInstanceService).getTaskInstance(task);
    await edge()
      .client(TaskInstanceService)
      .getTaskInstance({ ...task, mapIndex: 7 });
    expect(asked('GetTaskInstance')).toMatchObject([{ mapIndex: -1 }, { mapIndex: 7 }]);
  });
});
