// Waiting for a run: until its end, for so long, and for not too many at once.
import { describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { eventually } from '../../../../tests/kit/wait.ts';
import { failingWith, useDoor } from '../../test-door.ts';

const { mesh, edge, asked } = useDoor();

describe('waiting for a run', () => {
  const wait = (waitMs: number) =>
    edge()
      .client(DagRunService)
      .waitDagRun({ dagId: 'etl', runId: 'slow', wait: toDuration(waitMs) });

  test('ends with the run', async () => {
    const run = { dagId: 'etl', runId: 'slow', state: DagRunState.RUNNING };
    mesh.world.runs.set('slow', run);
    const answer = wait(20_000);
    await eventually(() => asked('GetDagRun').length >= 2, {
      deadlineMs: 60_000,
      what: 'it looks',
    });
    mesh.world.runs.set('slow', { ...run, state: DagRunState.FAILED });
    expect((await answer).run?.state).toBe(DagRunState.FAILED);
  });

  test('ends when the time is over, with the run as it is', async () => {
    mesh.world.runs.set('slow', { dagId: 'etl', runId: 'slow', state: DagRunState.RUNNING });
    expect((await wait(120)).run?.state).toBe(DagRunState.RUNNING);
    expect(asked('GetDagRun').length).toBeLessThan(6);
  });

  test('is for two hundred calls of a user at once, and others wait all the same', async () => {
    mesh.world.runs.set('slow', { dagId: 'etl', runId: 'slow', state: DagRunState.RUNNING });
    const over = new AbortController();
    const request = { dagId: 'etl', runId: 'slow', wait: toDuration(20_000) };
    const runs = edge().client(DagRunService);
    const waiting = Array.from({ length: 200 }, () =>
      runs.waitDagRun(request, { signal: over.signal }).catch(reasonOf),
    );
    await eventually(() => asked('GetDagRun').length >= 200, {
      deadlineMs: 60_000,
      what: 'all of them wait',
    });
    await expect(wait(100)).rejects.toSatisfy(failingWith('limit_reached'));
    const other = edge('viewer').client(DagRunService);
    const brief = { ...request, wait: toDuration(1) };
    expect((await other.waitDagRun(brief)).run?.state).toBe(DagRunState.RUNNING);
    over.abort();
    await Promise.all(waiting);
    await eventually(
      () =>
        wait(1).then(
          () => true,
          () => false,
        ),
      {
        deadlineMs: 60_000,
        what: 'the user may wait again',
      },
    );
  });

  test('for a run that is not there fails at once', async () => {
    mesh.world.runs.delete('slow');
    await expect(wait(20_000)).rejects.toSatisfy(failingWith('run_not_found'));
  });
});
