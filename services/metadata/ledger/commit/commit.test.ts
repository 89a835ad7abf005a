// What a commit promises: fenced, applied once, refused whole or row by row.
import { describe, expect, test } from 'vitest';
import { detailsOf, reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { aRun, ledgerOf, refusal, runExists } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler, another } = useMetadata();

describe('fences', () => {
  test('a commit that names an old epoch changes nothing at all', async () => {
    const run = aRun();
    const partition = partitionOf('etl');
    const fences = [{ partition, epoch: (scheduler.epochs.get(partition) ?? 0n) + 1n }];
    const failure = await scheduler
      .commit({ newRuns: [run], fences })
      .catch((error: unknown) => error);
    expect(reasonOf(failure)).toBe('stale_epoch');
    expect(detailsOf(failure)).toEqual({ partitions: String(partition) });
    expect(await runExists(metadata, run)).toBe(false);
  });

  test('one stale fence among good ones refuses the whole commit', async () => {
    const run = aRun();
    const good = [...scheduler.epochs].map(([partition, epoch]) => ({ partition, epoch }));
    const fences = good.map((fence, index) => (index === 7 ? { ...fence, epoch: 99n } : fence));
    expect(await refusal(scheduler.commit({ newRuns: [run], fences }))).toBe('stale_epoch');
    expect(await runExists(metadata, run)).toBe(false);
  });

  test('a write to a DAG whose partition the commit does not name is refused', async () => {
    const dagId =
      ['one', 'two', 'three'].find((id) => partitionOf(id) !== partitionOf('etl')) ?? '';
    for (const changes of [
      { newRuns: [aRun({ dagId })] },
      { changedRuns: [aRun({ dagId })] },
      { cursors: [{ dagId }] },
      { pauses: [{ dagId, isPaused: true }] },
    ]) {
      expect(await refusal(scheduler.commit(changes))).toBe('bad_request');
    }
  });

  test('a writer without a session is refused', async () => {
    const request = scheduler.request({ newRuns: [aRun()] });
    const call = ledgerOf(metadata).commit({ ...request, schedulerId: 'nobody', commitSeq: 1n });
    expect(await refusal(call)).toBe('stale_epoch');
  });
});

describe('numbers', () => {
  test('a repeated commit gets the stored answer and is applied once', async () => {
    const taken = aRun();
    await scheduler.commit({ newRuns: [taken] });
    const fresh = aRun();
    const again = aRun({ runId: taken.runId });
    const request = scheduler.request({
      newRuns: [fresh, again],
      auditEntries: [
        {
          actor: 'ann',
          action: 'trigger_dag_run',
          dagId: 'etl',
          runId: fresh.runId,
          detailsJson: '{}',
        },
      ],
    });
    const first = await scheduler.commit(request);
    const repeated = await ledgerOf(metadata).commit(request);
    expect(first.refusedRunIds).toEqual([again.id]);
    expect(repeated).toEqual(first);
  });

  test('a gap and an old number are out of order', async () => {
    const request = scheduler.request({});
    const next = request.commitSeq ?? 0n;
    const ledger = ledgerOf(metadata);
    expect(await refusal(ledger.commit({ ...request, commitSeq: next + 1n }))).toBe(
      'commit_out_of_order',
    );
    expect(await refusal(ledger.commit({ ...request, commitSeq: next - 2n }))).toBe(
      'commit_out_of_order',
    );
    await expect(scheduler.commit({})).resolves.toBeDefined();
  });

  test('two copies of one commit at the same moment are applied once', async () => {
    const run = aRun();
    const request = scheduler.request({ newRuns: [run] });
    const other = await another();
    try {
      const answers = await Promise.all([
        scheduler.commit(request),
        ledgerOf(other).commit(request),
        ledgerOf(metadata).commit(request),
      ]);
      expect(answers.map((answer) => answer.refusedRunIds)).toEqual([[], [], []]);
    } finally {
      await other.stop();
    }
  });
});
