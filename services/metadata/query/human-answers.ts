// Answers of people, read out of the audit log.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { HumanInputSchema } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { type Instant, instant } from '../ledger/record/dag-records.ts';
import { UNMAPPED } from './find-task-instance.ts';

/** An entry of the audit log about an answer. */
export type HumanAnswerRow = {
  readonly id: bigint;
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string;
  readonly actor: string;
  readonly occurred_at: Instant;
  readonly details_json: string;
};

/** Who chose what; the question itself is no longer known. */
export function toHumanAnswer(row: HumanAnswerRow): MessageInitShape<typeof HumanInputSchema> {
  const { task, chosenOptions } = detailsOf(row.details_json);
  const [, taskId = '', mapIndex = UNMAPPED] = /^(.*?)(?:\[(\d+)\])?$/.exec(task) ?? [];
  return {
    dagId: row.dag_id,
    runId: row.run_id,
    taskId: row.task_id || taskId,
    mapIndex: Number(mapIndex),
    response: {
      chosenOptions,
      respondedBy: row.actor,
      respondedAt: instant(row.occurred_at),
    },
  };
}

/** What a scheduler wrote down: `{"task_id": "ask[3]", "chosen_options": ["yes"]}`. */
function detailsOf(json: string): { readonly task: string; readonly chosenOptions: string[] } {
  const details: unknown = JSON.parse(json);
  if (typeof details !== 'object' || details === null) return { task: '', chosenOptions: [] };
  const task: unknown = Reflect.get(details, 'task_id');
  const chosen: unknown = Reflect.get(details, 'chosen_options');
  return {
    task: typeof task === 'string' ? task : '',
    chosenOptions: Array.isArray(chosen) ? chosen.map(String) : [],
  };
}
