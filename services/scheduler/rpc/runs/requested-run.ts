// What a request to trigger asks for, checked: the run that it is to become.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { TriggerDagRunRequest } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { manualInterval } from '#kernel/timetable/timetable.ts';
import { allowsRunType } from '../../core/graph/dag-version.ts';
import type { Dag } from '../../core/dag.ts';
import type { Moment } from '../../core/picture.ts';
import type { RunRequest } from '../../core/run/run.ts';
import { isRunIdAllowed, makeRunId, typeReservedBy } from '../../core/run/run-ids.ts';
import { nameOfRunType } from '../../core/state.ts';
import { mergeParams } from '../../params/merge-params.ts';

/**
 * The run that is asked for. Throws `run_type_not_allowed` when the DAG may not have it,
 * `bad_params`, and `bad_request` for an id or an interval that cannot be.
 */
export function requestedRun(
  dag: Dag,
  moment: Moment,
  request: TriggerDagRunRequest,
  runIdPattern: RegExp | undefined,
): RunRequest {
  const runType = typeOf(dag, request.runType);
  const logicalDateMs = fromTimestamp(request.logicalDate);
  if (request.runId !== '') checkRunId(request.runId, runType, runIdPattern);
  return {
    runType,
    runId: request.runId || freeId(dag, moment, request, { runType, logicalDateMs }),
    logicalDateMs,
    ...intervalOf(dag, request, logicalDateMs),
    runAfterMs: fromTimestamp(request.runAfter) ?? moment.nowMs,
    confJson: mergeParams(dag.version.params, request.confJson),
    triggeredBy: request.actor,
    note: request.note,
    partitionKey: request.partitionKey,
  };
}

function typeOf({ dagId, version }: Dag, wanted: RunType): RunType {
  const runType = wanted === RunType.UNSPECIFIED ? RunType.MANUAL : wanted;
  const name = nameOfRunType(runType);
  if (runType !== RunType.MANUAL && runType !== RunType.ASSET_MATERIALIZATION) {
    throw fail('bad_request', `run_type: nobody can trigger a run of type "${name}"; leave it out`);
  }
  if (allowsRunType(version, runType)) return runType;
  const allowed = version.allowedRunTypes.map(nameOfRunType).join(', ');
  const words = `DAG "${dagId}" does not allow runs of type "${name}", only ${allowed}`;
  throw fail('run_type_not_allowed', `${words}; change allowed_run_types in its file`);
}

function checkRunId(runId: string, runType: RunType, pattern: RegExp | undefined): void {
  const reserved = typeReservedBy(runId);
  if (reserved !== undefined && reserved !== runType) {
    const words = `run_id: "${runId}" begins like those of ${nameOfRunType(reserved)} runs`;
    throw fail('bad_request', `${words}, which are kept for them; choose another`);
  }
  if (isRunIdAllowed(runId, pattern)) return;
  const rule = pattern === undefined ? 'manual__<instant>' : String(pattern.source);
  throw fail('bad_request', `run_id: "${runId}" is not of the form ${rule}; choose another`);
}

/** Two runs that are triggered within a millisecond get different ids. */
function freeId(
  dag: Dag,
  moment: Moment,
  { runAfter, partitionKey }: TriggerDagRunRequest,
  run: { readonly runType: RunType; readonly logicalDateMs: number | undefined },
): string {
  if (runAfter !== undefined || run.logicalDateMs === undefined) {
    const runAfterMs = fromTimestamp(runAfter) ?? moment.nowMs;
    const about = { ...run, logicalDateMs: undefined, runAfterMs, partitionKey };
    return makeRunId(about, moment.newId);
  }
  dag.lastManualMs = Math.max(moment.nowMs, dag.lastManualMs + 1);
  return makeRunId({ ...run, runAfterMs: dag.lastManualMs, partitionKey }, moment.newId);
}

/** The interval that is given, or that the timetable has for the date; none without a date. */
function intervalOf(
  { version }: Dag,
  { dataIntervalStart, dataIntervalEnd }: TriggerDagRunRequest,
  logicalDateMs: number | undefined,
): Pick<RunRequest, 'intervalStartMs' | 'intervalEndMs'> {
  const intervalStartMs = fromTimestamp(dataIntervalStart);
  const intervalEndMs = fromTimestamp(dataIntervalEnd);
  if (intervalStartMs !== undefined && intervalEndMs !== undefined) {
    if (logicalDateMs === undefined) {
      throw fail('bad_request', 'logical_date: a run with a data interval needs one; give it too');
    }
    if (intervalStartMs > intervalEndMs) {
      throw fail('bad_request', 'data_interval_start lies after data_interval_end; exchange them');
    }
    return { intervalStartMs, intervalEndMs };
  }
  if (intervalStartMs !== undefined || intervalEndMs !== undefined) {
    throw fail('bad_request', 'give both data_interval_start and data_interval_end, or neither');
  }
  if (logicalDateMs === undefined) return { intervalStartMs: undefined, intervalEndMs: undefined };
  if (version.timetable === undefined) {
    return { intervalStartMs: logicalDateMs, intervalEndMs: logicalDateMs };
  }
  const { startMs, endMs } = manualInterval(version.timetable, logicalDateMs);
  return { intervalStartMs: startMs, intervalEndMs: endMs };
}
