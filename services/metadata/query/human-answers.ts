// Answers of people, and the questions they belong to, read out of the audit log.
import { fromJson, type JsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import type { HumanInputSchema } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { HumanInputSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Database } from '../ledger/database/database.ts';
import { type Instant, instant } from '../ledger/record/dag-records.ts';
import { taskInstanceStates } from '../ledger/record/names.ts';
import type { TaskInstanceRow } from '../ledger/record/task-records.ts';
import { UNMAPPED } from './find-task-instance.ts';
import { queryStatement } from './statement.ts';

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

/**
 * Takes a DAG, a run, a user (null: any), how the details begin (null: anyhow), a position, how
 * many rows.
 */
export const LIST_HUMAN_ANSWERS = queryStatement<HumanAnswerRow>('list_human_answers');

/** What a scheduler writes down; 0.1.0 wrote the first two only. */
type Details = {
  /** `ask`, or `ask[3]`. */
  readonly task_id: string;
  readonly chosen_options: readonly string[];
  readonly params_json?: string;
  readonly question?: JsonValue;
  readonly asked_at_ms?: number;
  readonly expires_at_ms?: number;
};

/** The last answer to a task instance; undefined when nobody answered. */
export async function readHumanAnswer(
  database: Database,
  { dag_id, run_id, task_id, map_index, state }: TaskInstanceRow,
): Promise<MessageInitShape<typeof HumanInputSchema> | undefined> {
  const name = map_index === UNMAPPED ? task_id : `${task_id}[${map_index}]`;
  const beginning = `{"task_id":${JSON.stringify(name)},`;
  const values = [dag_id, run_id, undefined, beginning, undefined, 1];
  const [row] = await database.browse(LIST_HUMAN_ANSWERS, values);
  return row && { ...toHumanAnswer(row), state: taskInstanceStates.valueOf(state) };
}

/** What was asked, and who chose what. */
export function toHumanAnswer(row: HumanAnswerRow): MessageInitShape<typeof HumanInputSchema> {
  const details = JSON.parse(row.details_json) as Details;
  const [, taskId = '', mapIndex = UNMAPPED] = /^(.*?)(?:\[(\d+)\])?$/.exec(details.task_id) ?? [];
  const { question, asked_at_ms: askedAtMs, expires_at_ms: expiresAtMs } = details;
  return {
    dagId: row.dag_id,
    runId: row.run_id,
    taskId: row.task_id || taskId,
    mapIndex: Number(mapIndex),
    ...(question === undefined ? {} : { question: toQuestion(question) }),
    ...(askedAtMs === undefined ? {} : { askedAt: toTimestamp(askedAtMs) }),
    ...(expiresAtMs === undefined ? {} : { expiresAt: toTimestamp(expiresAtMs) }),
    response: {
      chosenOptions: [...details.chosen_options],
      paramsJson: details.params_json ?? '',
      respondedBy: row.actor,
      respondedAt: instant(row.occurred_at),
    },
  };
}

function toQuestion(question: JsonValue) {
  return fromJson(HumanInputSpecSchema, question, { ignoreUnknownFields: true });
}
