// What the ledger is asked of runs that were over before a takeover: as many as may matter, and
// each of them again when its time comes.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { type DagRun, DagRunSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { ListRunsResponseSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { keepAgenda } from '../../core/sweep.ts';
import { asking, settled } from '../../testing/asking.ts';
import { aWorld } from '../../testing/picture-world.ts';
import { createSlaKeeper } from './sla-keeper.ts';

const MINUTE_MS = 60_000;
const SLA_MS = 300 * MINUTE_MS;

/** A DAG that had a run each minute, all of them over, and a ledger that has forgotten them. */
async function aScene(runsCount: number) {
  const world = aWorld({ tasks: [{ taskId: 'a', sla: { seconds: BigInt(SLA_MS / 1_000) } }] });
  const asked: unknown[] = [];
  const read: string[] = [];
  const options = asking(world, () => keeper);
  world.nowMs = options.clock.nowMs();
  const keeper = createSlaKeeper({
    ...options,
    ledger: {
      listRuns: async ({ limit, states }) => {
        asked.push([limit, states?.length]);
        const runs = Array.from({ length: Math.min(limit ?? 0, runsCount) }, (_, ago) =>
          ranBefore(world.nowMs, ago),
        );
        return create(ListRunsResponseSchema, { runs });
      },
    },
    findRun: async ({ runId }) => {
      read.push(runId);
      throw fail('run_not_found', 'somebody deleted it');
    },
  });
  world.picture.slasWanted.add(world.dag);
  keeper.look();
  await settled();
  return { world, asked, read, keeper };
}

function ranBefore(nowMs: number, ago: number): DagRun {
  const runAfter = toTimestamp(nowMs - ago * MINUTE_MS);
  return create(DagRunSchema, { id: `id-${ago}`, runId: `${ago} ago`, runAfter });
}

test('no more runs are read than may have missed SLAs', async () => {
  const { world, asked, keeper } = await aScene(5_000);
  expect(asked).toEqual([
    [100, 2],
    [1_000, 2],
  ]);
  // Those of which the SLA fell due up to ten minutes ago are looked at as well.
  expect(world.dag.slaRuns.size).toBe(310);
  await keeper.stop();
});

test('few runs are read at once', async () => {
  const { asked, keeper } = await aScene(30);
  expect(asked).toEqual([[100, 2]]);
  await keeper.stop();
});

test('a run is read when its SLA is due, and forgotten when it is gone', async () => {
  const { world, read, keeper } = await aScene(2);
  expect(read).toEqual([]);
  world.nowMs += SLA_MS - MINUTE_MS;
  world.decide((deciding, moment) => keepAgenda(deciding, moment, 10));
  keeper.look();
  await settled();
  expect(read).toEqual(['1 ago']);
  expect([...world.dag.slaRuns.keys()]).toEqual(['0 ago']);
  await keeper.stop();
});
