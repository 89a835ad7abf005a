// What a ledger holds in the end, without what is made up anew by whoever writes it.
import { toJson } from '@bufbuild/protobuf';
import { DagRunSchema, TaskInstanceSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { rowsAfter } from '../../../services/scheduler/simulator/ledger/ledger-rows.ts';

/** Ids, and what says so of them. */
const MADE_UP = new Set(['id', 'dagRunId', 'attemptId', 'waitId']);

/** Rows by what they are about. */
export type Rows = Readonly<Record<string, unknown>>;

/** The rows of all runs and instances, and the slots taken, after some commits. */
export function rowsOf(commits: readonly CommitRequest[]): Rows {
  const { ended, runs, slotsUsed, taskInstances } = rowsAfter(commits);
  const all = [...runs, ...ended.map(({ run }) => run)];
  const runIds = new Map(all.map(({ id, runId }) => [id, runId]));
  const instances = [...taskInstances, ...ended.flatMap((each) => each.taskInstances)];
  return Object.fromEntries([
    ...all.map((run) => [run.runId, withoutIds(toJson(DagRunSchema, run))]),
    ...instances.map((row) => [
      `${runIds.get(row.dagRunId)} ${row.taskId}[${row.mapIndex}]`,
      withoutIds(toJson(TaskInstanceSchema, row)),
    ]),
    ...[...slotsUsed].map(([pool, slots]) => [`slots of ${pool}`, slots]),
  ]);
}

function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).filter(([name]) => !MADE_UP.has(name));
  return Object.fromEntries(known.map(([name, each]) => [name, withoutIds(each)]));
}
