// XComs as lists show them: where they are and how long, without their values.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { XComEntrySchema } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { TaskInstanceRow } from '../ledger/record/task-records.ts';

/** The key of what a task returns. */
export const RETURN_VALUE = 'return_value';

/** Where an XCom is. */
export type XComEntryRow = {
  readonly task_id: string;
  readonly map_index: number;
  readonly key: string;
  readonly value_size: number;
};

export function toXComEntry(row: XComEntryRow): MessageInitShape<typeof XComEntrySchema> {
  return {
    taskId: row.task_id,
    mapIndex: row.map_index,
    key: row.key,
    valueSize: row.value_size,
  };
}

/** The error for an XCom that does not exist. */
export function xcomNotFound(found: TaskInstanceRow, key: string) {
  return fail(
    'xcom_not_found',
    `task "${found.task_id}" of run "${found.run_id}" has no XCom "${key}"; ` +
      `see those there are: dagmesh xcom list ${found.dag_id} ${found.run_id}`,
  );
}

/** The error for XComs that nobody but the task itself may change. */
export function taskNotFinished(found: TaskInstanceRow) {
  return fail(
    'task_not_finished',
    `task "${found.task_id}" of run "${found.run_id}" is not over (it is ${found.state}); its XComs ` +
      `can be changed then: dagmesh runs wait ${found.dag_id} ${found.run_id}`,
  );
}
