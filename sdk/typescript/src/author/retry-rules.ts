// What follows failures of certain kinds: `retryOn(…)`, `failOn(…)`.
import { RetryAction, type RetryRuleSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import { DagError } from './dag-error.ts';
import { type Duration, durationOption } from './duration.ts';
import type { FieldsOf } from './fields.ts';

/** Kinds of failure. */
export type FailureReasonName =
  | 'exception'
  | 'timeout'
  | 'exited'
  | 'out_of_memory'
  | 'limit'
  | 'lost';

/** Which failures a rule is about; both lists empty means any. */
export type FailureFilter = {
  readonly reasons?: readonly FailureReasonName[];
  /** Classes of errors, or their names, whole or after their last dot. */
  readonly errors?: readonly (string | ErrorClass)[];
  /** Why, for people. */
  readonly note?: string;
};

/** A rule, made by `retryOn` or `failOn`. The first one that fits a failure counts. */
export type RetryRule = {
  readonly kind: 'retry_rule';
  readonly fields: FieldsOf<typeof RetryRuleSchema>;
};

type ErrorClass = abstract new (...given: never[]) => Error;

/** Such failures are tried again, if a try is left; `delay` replaces the task's own wait. */
export function retryOn(filter: FailureFilter & { readonly delay?: Duration }): RetryRule {
  const delay = durationOption('delay', filter.delay);
  return ruleOf(filter, { action: RetryAction.RETRY, ...(delay === undefined ? {} : { delay }) });
}

/** Such failures are final: no further try. */
export function failOn(filter: FailureFilter): RetryRule {
  return ruleOf(filter, { action: RetryAction.FAIL });
}

function ruleOf(
  { reasons = [], errors = [], note = '' }: FailureFilter,
  rest: FieldsOf<typeof RetryRuleSchema>,
): RetryRule {
  const errorClasses = errors.map(nameOf);
  return { kind: 'retry_rule', fields: { reasons: [...reasons], errorClasses, note, ...rest } };
}

function nameOf(error: string | ErrorClass): string {
  const name = typeof error === 'string' ? error : error.name;
  if (name !== '') return name;
  throw new DagError('a class without a name cannot be told apart; give it one');
}
