// The names of states and kinds as PostgreSQL enums spell them: the contract's, in lower case,
// without the prefix.
import type { DescEnum } from '@bufbuild/protobuf';
import {
  DagRunStateSchema,
  RunTypeSchema,
  TaskAttemptStateSchema,
  TaskInstanceStateSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  DagRunState,
  RunType,
  TaskAttemptState,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  BackfillActionSchema,
  BackfillStateSchema,
  ReprocessBehaviorSchema,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type {
  BackfillAction,
  BackfillState,
  ReprocessBehavior,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fail } from '#kernel/errors/errors.ts';

/** Turns the numbers of one contract enum into names and back. */
export type Names<E extends number> = {
  /**
   * The name of a value; throws `bad_request` for UNSPECIFIED and for values of a newer contract.
   */
  nameOf(value: E): string;
  /** The value of a name that the database gave; UNSPECIFIED (0) for names of a newer schema. */
  valueOf(name: string): E;
  /** All names, in the contract's order. */
  readonly all: readonly string[];
};

export const runTypes = namesOf<RunType>(RunTypeSchema);
export const dagRunStates = namesOf<DagRunState>(DagRunStateSchema);
export const taskInstanceStates = namesOf<TaskInstanceState>(TaskInstanceStateSchema);
export const taskAttemptStates = namesOf<TaskAttemptState>(TaskAttemptStateSchema);
export const backfillStates = namesOf<BackfillState>(BackfillStateSchema);
export const backfillActions = namesOf<BackfillAction>(BackfillActionSchema);
export const reprocessBehaviors = namesOf<ReprocessBehavior>(ReprocessBehaviorSchema);

function namesOf<E extends number>(schema: DescEnum): Names<E> {
  const prefix = schema.sharedPrefix ?? '';
  const names = new Map<number, string>();
  const values = new Map<string, number>();
  for (const { number, name } of schema.values.filter((value) => value.number !== 0)) {
    const short = name.toLowerCase().slice(prefix.length);
    names.set(number, short);
    values.set(short, number);
  }
  return {
    nameOf: (value) => {
      const name = names.get(value);
      if (name === undefined) throw fail('bad_request', `${schema.name} ${value} cannot be stored`);
      return name;
    },
    valueOf: (name) => (values.get(name) ?? 0) as E,
    all: [...names.values()],
  };
}
