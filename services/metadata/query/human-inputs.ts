// Questions to people, read out of the waits of task instances.
import { fromJsonString, type MessageInitShape } from '@bufbuild/protobuf';
import type { HumanInputSchema } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { WaitSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { taskInstanceStates } from '../ledger/record/names.ts';

/** A task instance with its wait, if it has one. */
export type HumanInputRow = {
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly state: string;
  readonly wait_id: string | null;
  readonly wait: string | null;
};

/** The question that a task instance waits with, or was answered; undefined when there is none. */
export function toHumanInput(
  row: HumanInputRow,
): MessageInitShape<typeof HumanInputSchema> | undefined {
  if (row.wait === null) return undefined;
  const wait = fromJsonString(WaitSchema, row.wait, { ignoreUnknownFields: true });
  if (wait.humanInput === undefined) return undefined;
  return {
    dagId: row.dag_id,
    runId: row.run_id,
    taskId: row.task_id,
    mapIndex: row.map_index,
    question: wait.humanInput,
    askedAt: wait.since,
    expiresAt: wait.until,
    response: wait.response,
    state: taskInstanceStates.valueOf(row.state),
  };
}
