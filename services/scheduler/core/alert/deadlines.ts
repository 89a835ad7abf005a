// Deadlines: by when a run is expected to have succeeded, and what is done when it has not.
import { create } from '@bufbuild/protobuf';
import type { DeadlineSpec } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type Deadline, DeadlineSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromDuration, fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { Moment, Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { putOnAgenda } from '../agenda.ts';
import { contextOfRun, startCallback } from './callbacks.ts';
import { averageRuntimeMs } from '../past/history.ts';
import { isoInstant } from '../run/run-ids.ts';
import { DagRunState } from '../state.ts';

/** Sets the deadlines of a run that was made or cleared; earlier ones of the same name go. */
export function planDeadlines(deciding: Deciding, run: Run): void {
  if (run.runType === RunType.CALLBACK) return;
  const { deadlines } = run.version;
  if (deadlines.length === 0) return;
  const isFirst = run.clearNumber === 0;
  const planned = deadlines.flatMap((spec, index) => {
    // Only what counts from the queue counts anew.
    if (!isFirst && spec.reference.case !== 'queuedAt') return [];
    const dueMs = dueMsOf(spec, run);
    return dueMs === undefined ? [] : [{ name: nameOf(spec, index), dueMs }];
  });
  const names = new Set(planned.map(({ name }) => name));
  for (const old of run.deadlines) {
    if (names.has(old.name)) dropDeadline(deciding, run.dag, old);
  }
  const added = planned.map(({ name, dueMs }) =>
    create(DeadlineSchema, {
      deadlineId: deciding.newId(),
      dagRunId: run.id,
      dagId: run.dag.dagId,
      runId: run.runId,
      name,
      dueAt: toTimestamp(dueMs),
    }),
  );
  run.deadlines = [...run.deadlines.filter(({ name }) => !names.has(name)), ...added];
  for (const deadline of added) {
    deciding.changes.deadlines.set(deadline, run.dag);
    watchDeadline(deciding.picture, run.dag, { deadline, run });
  }
}

/** A run succeeded: what it promised is kept. */
export function keepDeadlines(deciding: Deciding, run: Run): void {
  if (run.state !== DagRunState.SUCCESS) return;
  for (const deadline of run.deadlines) dropDeadline(deciding, run.dag, deadline);
  run.deadlines = [];
}

/** Puts a deadline on the agenda. `run` is undefined for one that ended before a takeover. */
export function watchDeadline(
  picture: Picture,
  dag: Dag,
  about: { readonly deadline: Deadline; readonly run: Run | undefined },
): void {
  const dueMs = fromTimestamp(about.deadline.dueAt);
  // One that is read again stands for the one known before.
  dag.deadlines.set(about.deadline.deadlineId, about.deadline);
  if (dueMs !== undefined) putOnAgenda(picture.agenda, dueMs, { kind: 'deadline', dag, ...about });
}

/** A deadline has come: when it still stands it is missed, and somebody is told. */
export function missDeadline(
  deciding: Deciding,
  moment: Moment,
  about: { readonly dag: Dag; readonly deadline: Deadline; readonly run: Run | undefined },
): void {
  const { dag, deadline, run } = about;
  if (!dag.isOwned || dag.deadlines.get(deadline.deadlineId) !== deadline) return;
  dag.deadlines.delete(deadline.deadlineId);
  deadline.missedAt = toTimestamp(deciding.nowMs);
  deciding.changes.deadlines.set(deadline, dag);
  if (run !== undefined) run.deadlines = run.deadlines.filter((each) => each !== deadline);
  const version = run?.version ?? dag.version;
  const spec = version.deadlines.find((each, index) => nameOf(each, index) === deadline.name);
  if (spec?.callback === undefined) return;
  const of = deadline.runId;
  const context = {
    ...(run === undefined ? { dag_id: dag.dagId, run_id: of } : contextOfRun(run)),
    event: 'deadline_missed',
    deadline: {
      id: deadline.deadlineId,
      name: deadline.name,
      deadline_time: isoInstant(fromTimestamp(deadline.dueAt) ?? 0),
    },
  };
  startCallback(deciding, moment, { dag, version, of }, spec.callback, context);
}

/** A run turned out not to exist: it has promised nothing. */
export function forgetDeadlines(run: Run): void {
  for (const { deadlineId } of run.deadlines) run.dag.deadlines.delete(deadlineId);
  run.deadlines = [];
}

function dropDeadline({ changes }: Deciding, dag: Dag, deadline: Deadline): void {
  deadline.isGone = true;
  dag.deadlines.delete(deadline.deadlineId);
  changes.deadlines.set(deadline, dag);
}

function dueMsOf(spec: DeadlineSpec, run: Run): number | undefined {
  const fromMs = referenceMs(spec, run);
  return fromMs === undefined ? undefined : fromMs + (fromDuration(spec.interval) ?? 0);
}

function referenceMs({ reference }: DeadlineSpec, run: Run): number | undefined {
  switch (reference.case) {
    case 'logicalDate':
      return run.logicalDateMs;
    case 'queuedAt':
      return run.queuedAtMs;
    case 'fixed':
      return fromTimestamp(reference.value);
    case 'averageRuntime': {
      const averageMs = averageRuntimeMs(run.dag, reference.value);
      if (averageMs === undefined || run.queuedAtMs === undefined) return undefined;
      return run.queuedAtMs + averageMs;
    }
    default:
      return undefined;
  }
}

function nameOf({ name }: DeadlineSpec, index: number): string {
  return name === '' ? String(index) : name;
}
