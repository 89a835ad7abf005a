// Deadlines, missed SLAs and paused limit keys as their owner writes and loads them.
import { expect, test } from 'vitest';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { aRun, ledgerOf, loadPicture, storeDag } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

const at = (hour: number) => toTimestamp(Date.UTC(2026, 0, 1, hour));

test('a deadline is loaded until it is missed or gone, and moves when it is counted anew', async () => {
  const dagId = 'deadlines';
  const dagVersionId = await storeDag(metadata, { dagId });
  const run = aRun({ dagId, dagVersionId });
  const place = { dagId, dagRunId: run.id, dueAt: at(1) };
  const [kept, missed, gone] = ['kept', 'missed', 'gone'].map((name) => ({
    ...place,
    name,
    deadlineId: uuidV7(),
  }));
  const all = [kept, missed, gone].flatMap((deadline) => deadline ?? []);
  await scheduler.commit({ newRuns: [run], deadlines: all }, dagId);
  expect((await loadPicture(metadata, dagId)).deadlines).toHaveLength(3);
  const changes = [
    { ...kept, dueAt: at(5) },
    { ...missed, missedAt: at(2) },
    { ...gone, isGone: true },
  ];
  await scheduler.commit({ deadlines: changes }, dagId);
  const left = [{ ...kept, dueAt: at(5), runId: run.runId }];
  expect((await loadPicture(metadata, dagId)).deadlines).toMatchObject(left);
  const loaded = await ledgerOf(metadata).loadRun({ dagId, runId: run.runId });
  expect(loaded.deadlines).toMatchObject(left);
});

test('missed SLAs are loaded with their live run, and with a finished one that is asked for', async () => {
  const dagId = 'slas';
  const dagVersionId = await storeDag(metadata, { dagId });
  const live = aRun({ dagId, dagVersionId });
  const finished = aRun({ dagId, dagVersionId, state: DagRunState.FAILED });
  const missOf = (dagRunId: string) => ({
    dagId,
    dagRunId,
    taskInstanceId: uuidV7(),
    taskId: 'extract',
    mapIndex: 2,
    dueAt: at(1),
    missedAt: at(2),
  });
  const slaMisses = [missOf(live.id), missOf(finished.id)];
  await scheduler.commit({ newRuns: [live, finished], slaMisses }, dagId);
  expect((await loadPicture(metadata, dagId)).slaMisses).toMatchObject([slaMisses[0] ?? {}]);
  const loaded = await ledgerOf(metadata).loadRun({ dagId, runId: finished.runId });
  expect(loaded.slaMisses).toMatchObject([slaMisses[1] ?? {}]);
});

test('a limit key is paused until its time comes or the pause is ended', async () => {
  const dagId = 'keys';
  const future = toTimestamp(Date.UTC(2999, 0, 1));
  await scheduler.commit(
    {
      keyPauses: [
        { dagId, key: 'api', until: future },
        { dagId, key: 'over', until: at(1) },
        { dagId, key: 'ended', until: future },
      ],
    },
    dagId,
  );
  await scheduler.commit({ keyPauses: [{ dagId, key: 'ended' }] }, dagId);
  expect((await loadPicture(metadata, dagId)).keyPauses).toMatchObject([
    { dagId, key: 'api', until: future },
  ]);
});
