// An attempt as executors get it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { AttemptLeaseSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Attempt } from '../core/picture.ts';

/**
 * Everything the scheduler knows of an attempt; the executor adds token, inputs and connections.
 */
export function leaseOf(
  attempt: Attempt,
  startWithinMs: number,
): MessageInitShape<typeof AttemptLeaseSchema> {
  const { instance } = attempt;
  const { run, task } = instance;
  return {
    workerId: attempt.workerId,
    partition: run.dag.partition,
    dagRunId: run.id,
    upstreamInputs: [...task.upstreamInputs],
    connections: [...task.connections],
    lease: {
      attemptId: attempt.attemptId,
      epoch: BigInt(attempt.epoch),
      dagId: run.dag.dagId,
      runId: run.runId,
      taskId: task.taskId,
      mapIndex: -1,
      tryNumber: attempt.tryNumber,
      triesMax: instance.triesMax,
      handler: task.handler,
      queue: task.queue,
      inputsJson: task.literalsJson,
      paramsJson: run.confJson,
      ...(run.logicalDateMs === undefined ? {} : { logicalDate: toTimestamp(run.logicalDateMs) }),
      ...intervalOf(run.intervalStartMs, run.intervalEndMs),
      runType: run.runType === RunType.SCHEDULED ? 'scheduled' : 'manual',
      ...(task.executionTimeoutMs === undefined
        ? {}
        : { executionTimeout: toDuration(task.executionTimeoutMs) }),
      startWithin: toDuration(startWithinMs),
      dagFile: run.version.dagFile,
    },
  };
}

function intervalOf(startMs: number | undefined, endMs: number | undefined) {
  if (startMs === undefined || endMs === undefined) return {};
  return { dataIntervalStart: toTimestamp(startMs), dataIntervalEnd: toTimestamp(endMs) };
}
