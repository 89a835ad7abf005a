// Task instances, attempts and XComs of a commit as columns, in the order in which the statements
// name them.
import { toJsonString } from '@bufbuild/protobuf';
import {
  type TaskAttempt,
  type TaskInstance,
  type Wait,
  WaitSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { PushedXCom } from '../../core/commit-rows.ts';
import { orAbsent, plainArray, rareArray, textArray, timeArray } from '../database/array.ts';
import { taskAttemptStates, taskInstanceStates } from '../record/names.ts';

/** For insert_task_instances. */
export function newTaskInstanceColumns(instances: readonly TaskInstance[]): string[] {
  const [id = '{}', ...progress] = changedTaskInstanceColumns(instances);
  return [
    id,
    textArray(instances.map((instance) => instance.dagRunId)),
    textArray(instances.map((instance) => instance.taskId)),
    ...progress,
  ];
}

/** For update_task_instances. */
export function changedTaskInstanceColumns(instances: readonly TaskInstance[]): string[] {
  return [
    textArray(instances.map((instance) => instance.id)),
    plainArray(instances.map((instance) => instance.mapIndex)),
    textArray(instances.map((instance) => taskInstanceStates.nameOf(instance.state))),
    plainArray(instances.map((instance) => instance.tryNumber)),
    plainArray(instances.map((instance) => instance.triesMax)),
    plainArray(instances.map((instance) => instance.epoch)),
    textArray(instances.map((instance) => orAbsent(instance.attemptId))),
    timeArray(instances.map((instance) => instance.scheduledAt)),
    timeArray(instances.map((instance) => instance.queuedAt)),
    timeArray(instances.map((instance) => instance.startDate)),
    timeArray(instances.map((instance) => instance.endDate)),
    timeArray(instances.map((instance) => instance.nextTryTime)),
    textArray(instances.map((instance) => instance.stateReason)),
    plainArray(instances.map((instance) => instance.lossesCount)),
    ...detailColumns(instances),
  ];
}

/** For hold_task_instances. */
export function heldTaskInstanceColumns(instances: readonly TaskInstance[]): string[] {
  return [
    textArray(instances.map((instance) => instance.id)),
    timeArray(instances.map((instance) => instance.scheduledAt)),
    ...detailColumns(instances),
  ];
}

/** For insert_task_attempts. */
export function newAttemptColumns(attempts: readonly TaskAttempt[]): string[] {
  return [
    textArray(attempts.map((attempt) => attempt.attemptId)),
    textArray(attempts.map((attempt) => attempt.taskInstanceId)),
    plainArray(attempts.map((attempt) => attempt.tryNumber)),
    plainArray(attempts.map((attempt) => attempt.epoch)),
    textArray(attempts.map((attempt) => taskAttemptStates.nameOf(attempt.state))),
    textArray(attempts.map((attempt) => attempt.workerId)),
    textArray(attempts.map((attempt) => attempt.executorId)),
    timeArray(attempts.map((attempt) => attempt.startDate)),
    timeArray(attempts.map((attempt) => attempt.endDate)),
    ...errorColumns(attempts),
  ];
}

/** For end_task_attempts. */
export function endedAttemptColumns(attempts: readonly TaskAttempt[]): string[] {
  return [
    textArray(attempts.map((attempt) => attempt.attemptId)),
    textArray(attempts.map((attempt) => taskAttemptStates.nameOf(attempt.state))),
    timeArray(attempts.map((attempt) => attempt.endDate)),
    ...errorColumns(attempts),
  ];
}

/** For put_xcoms. */
export function xcomColumns(xcoms: readonly PushedXCom[]): string[] {
  return [
    textArray(xcoms.map((xcom) => xcom.attemptId)),
    textArray(xcoms.map((xcom) => xcom.key)),
    textArray(xcoms.map((xcom) => xcom.valueJson)),
  ];
}

/** What most task instances have none of. */
function detailColumns(instances: readonly TaskInstance[]): string[] {
  return [
    rareArray(
      plainArray,
      instances.map((instance) => instance.mapLength),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.mapLabel)),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.skipDecisionJson)),
    ),
    rareArray(
      timeArray,
      instances.map((instance) => instance.executionDeadline),
    ),
    rareArray(
      timeArray,
      instances.map((instance) => instance.waitingSince),
    ),
    rareArray(
      plainArray,
      instances.map((instance) => instance.reschedulesCount || undefined),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.wait?.waitId ?? '')),
    ),
    rareArray(
      textArray,
      instances.map((instance) => waitJson(instance.wait)),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.note)),
    ),
  ];
}

function waitJson(wait: Wait | undefined): string | undefined {
  return wait === undefined ? undefined : toJsonString(WaitSchema, wait);
}

function errorColumns(attempts: readonly TaskAttempt[]): string[] {
  return [
    textArray(attempts.map((attempt) => attempt.errorClass)),
    textArray(attempts.map((attempt) => attempt.errorMessage)),
    textArray(attempts.map((attempt) => attempt.errorStack)),
  ];
}
