// An attempt as executors get it.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { AttemptLeaseSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import {
  BuiltInActionSchema,
  type Lease,
  LeaseSchema,
  ResumeSchema,
} from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Attempt } from '../../core/attempt/attempt.ts';
import type { Task } from '../../core/graph/task.ts';
import type { Run } from '../../core/run/run.ts';
import { inputsOf } from '../../core/mapping/inputs.ts';
import type { Instance } from '../../core/instance.ts';
import { nameOfRunType } from '../../core/state.ts';

type Part = Partial<Omit<Lease, '$typeName' | '$unknown'>>;

/**
 * Everything the scheduler knows of an attempt; the executor adds token, values and connections.
 */
export function leaseOf(
  attempt: Attempt,
  startWithinMs: number,
): MessageInitShape<typeof AttemptLeaseSchema> {
  const { instance } = attempt;
  const { run, task } = instance;
  const { inputs, transforms } = inputsOf(instance);
  return {
    workerId: attempt.workerId,
    partition: run.dag.partition,
    dagRunId: run.id,
    inputs: [...inputs],
    connections: [...task.connections],
    isMappedOver: task.sourceFor.length > 0,
    isResumed: attempt.isResumed,
    lease: create(LeaseSchema, {
      attemptId: attempt.attemptId,
      epoch: BigInt(attempt.epoch),
      taskId: task.taskId,
      mapIndex: instance.mapIndex,
      tryNumber: attempt.tryNumber,
      triesMax: instance.triesMax,
      handler: task.handler,
      queue: task.queue,
      inputsJson: task.literalsJson,
      inputTransforms: [...transforms],
      startWithin: toDuration(startWithinMs),
      outlets: [...task.outlets],
      inlets: [...task.inlets],
      mapIndexTemplate: task.mapLabelTemplate,
      expandedTiCount: Math.max(instance.node.own.total, 1),
      ...aboutRun(run),
      ...aboutAction(task),
      ...aboutTime(instance, attempt),
      ...aboutWait(instance, attempt),
    }),
  };
}

function aboutRun(run: Run): Part {
  return {
    dagId: run.dag.dagId,
    runId: run.runId,
    runType: nameOfRunType(run.runType),
    paramsJson: run.confJson,
    partitionKey: run.partitionKey,
    triggeringAssetEvents: [...run.events],
    dagFile: run.version.dagFile,
    bundleName: run.version.bundleName,
    bundleVersion: run.version.bundleVersion,
    runAfter: toTimestamp(run.runAfterMs),
    ...(run.logicalDateMs === undefined ? {} : { logicalDate: toTimestamp(run.logicalDateMs) }),
    ...intervalOf(run.intervalStartMs, run.intervalEndMs),
  };
}

/** What a worker of an SDK does by itself. */
function aboutAction({ action }: Task): Part {
  if (action?.case === 'webhook') {
    const { url, headers, body } = action.value;
    return {
      builtIn: create(BuiltInActionSchema, {
        kind: { case: 'webhook', value: { url, headers, body } },
      }),
    };
  }
  if (action?.case !== 'email') return {};
  const { to, subject, body, connId } = action.value;
  const value = { to: [...to], subject, body, connId: connId || 'smtp_default' };
  return { builtIn: create(BuiltInActionSchema, { kind: { case: 'email', value } }) };
}

function aboutTime({ deadlineMs, waitingSinceMs }: Instance, attempt: Attempt): Part {
  return {
    // The time that is left of the whole try, whatever it waited for in between.
    ...(deadlineMs === undefined
      ? {}
      : { executionTimeout: toDuration(Math.max(deadlineMs - attempt.startMs, 1)) }),
    ...(waitingSinceMs === undefined ? {} : { waitingSince: toTimestamp(waitingSinceMs) }),
  };
}

/** What the task goes on with; one that is only run again later starts from its beginning. */
function aboutWait({ wait, reschedulesCount }: Instance, { isResumed }: Attempt): Part {
  const isFresh = !isResumed || wait === undefined;
  if (isFresh || (wait.trigger === undefined && wait.humanInput === undefined)) {
    return { reschedulesCount };
  }
  const { resumeMethod: method, resumeJson: stateJson, eventJson, error, response } = wait;
  const answered = response === undefined ? {} : { response };
  const resume = create(ResumeSchema, { method, stateJson, eventJson, error, ...answered });
  return { reschedulesCount, resume };
}

function intervalOf(startMs: number | undefined, endMs: number | undefined): Part {
  if (startMs === undefined || endMs === undefined) return {};
  return { dataIntervalStart: toTimestamp(startMs), dataIntervalEnd: toTimestamp(endMs) };
}
