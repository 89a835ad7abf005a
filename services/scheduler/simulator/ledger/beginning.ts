// What a simulation begins with: DAGs, pools, and what commits before it left behind.
import { create } from '@bufbuild/protobuf';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import {
  type CommitRequest,
  DagRecordSchema,
  DagVersionRecordSchema,
  PoolStateSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { rememberSlas } from '../../core/alert/sla.ts';
import { questionAbout, takeBegins } from '../../core/limit/begins.ts';
import { loadFinishedRun } from '../../core/load/load-run.ts';
import { loadPicture } from '../../core/load/load.ts';
import { noteEnd, takeHistory } from '../../core/past/history.ts';
import type { Moment, Picture } from '../../core/picture.ts';
import type { Run } from '../../core/run/run.ts';
import { type LedgerRows, rowsAfter } from './ledger-rows.ts';

/** What there is before anything is decided. */
export type Beginning = {
  /** Slots by pool; `default_pool` has 128 when it is not named. */
  readonly pools?: Readonly<Record<string, number>>;
  /** DAGs that start paused: their schedules make no runs. Default: none. */
  readonly pausedDagIds?: readonly string[];
  /** Commits of another simulation of the same DAGs, from which this one goes on. Default: none. */
  readonly history?: readonly CommitRequest[];
};

const DEFAULT_POOL_SLOTS = 128;

/** Fills a picture; answers its runs. Throws `bad_dag` when a DAG cannot be compiled. */
export function beginIn(
  picture: Picture,
  specs: readonly DagSpec[],
  beginning: Beginning,
  moment: Moment,
): readonly Run[] {
  const rows = rowsAfter(beginning.history ?? []);
  const loaded = loadedOf(specs, rows, beginning);
  const broken = loadPicture(picture, loaded, moment);
  if (broken.length > 0) throw fail('bad_dag', broken.join('; '));
  const ended = rows.ended.flatMap((each) => {
    const version = loaded.versions.find((one) => one.dagVersionId === each.run.dagVersionId);
    const dag = picture.dags.get(each.run.dagId);
    if (version === undefined || dag === undefined) return [];
    const run = loadFinishedRun(picture, dag, { ...each, version }, moment);
    noteEnd(dag, run);
    rememberSlas(picture, run, moment.nowMs);
    return [run];
  });
  for (const dag of picture.historyWanted) takeHistory(dag, []);
  picture.historyWanted.clear();
  picture.slasWanted.clear();
  answerBegins(picture, rows, moment);
  return [...ended, ...[...picture.dags.values()].flatMap(({ runs }) => [...runs.values()])];
}

/** Tells what began before, as the ledger would. */
function answerBegins(picture: Picture, { begun }: LedgerRows, { nowMs }: Moment): void {
  for (const [state, dag] of picture.beginsWanted) {
    const question = questionAbout(dag, state, nowMs);
    const begins = begun
      .filter(({ dagId, taskId }) => dagId === dag.dagId && question?.taskIds.includes(taskId))
      .map(({ attempt: { attemptId, startDate } }) => {
        return { attemptId, atMs: fromTimestamp(startDate) ?? 0 };
      });
    takeBegins(picture, dag, state, { question, begins, nowMs });
  }
  picture.beginsWanted.clear();
}

function loadedOf(specs: readonly DagSpec[], rows: LedgerRows, beginning: Beginning) {
  const { runs, taskInstances, attempts, cursors, slotsUsed } = rows;
  const { backfills, deadlines, slaMisses } = rows;
  const pools = { default_pool: DEFAULT_POOL_SLOTS, ...beginning.pools };
  const paused = new Set(beginning.pausedDagIds);
  return {
    pools: Object.entries(pools).map(([pool, slots]) =>
      create(PoolStateSchema, { pool, slots, used: slotsUsed.get(pool) ?? 0 }),
    ),
    versions: specs.map((spec, index) =>
      create(DagVersionRecordSchema, { dagVersionId: BigInt(index + 1), dagId: spec.dagId, spec }),
    ),
    dags: specs.map(({ dagId }, index) =>
      create(DagRecordSchema, {
        dagId,
        dagVersionId: BigInt(index + 1),
        isActive: true,
        isPaused: paused.has(dagId),
        ...(cursors.has(dagId) ? { cursor: cursors.get(dagId) } : {}),
      }),
    ),
    ...{ runs, taskInstances, attempts },
    ...{ backfills, deadlines, slaMisses },
    ...{ receipts: [], keyPauses: [], runAssetEvents: [] },
  };
}
