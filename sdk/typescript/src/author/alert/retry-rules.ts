// What follows failures of certain kinds: `retryOn(…)`, `failOn(…)`.
import { RetryAction, type RetryRuleSchema } from '../../gen/dagmesh/dag/v1/dag_pb.ts';
import { oneOf } from '../checks/checks.ts';
import { DagError } from '../checks/dag-error.ts';
import { type Duration, durationOption } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';

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
  /**
   * Classes of errors, or their names, whole or after their last dot. One stands for those that
   * descend from it, too.
   */
  readonly errors?: readonly (string | ErrorClass)[];
  /** Why, for people. */
  readonly note?: string;
};

/** A rule, made by `retryOn` or `failOn`. The first one that fits a failure counts. */
export type RetryRule = {
  readonly kind: 'retry_rule';
  readonly fields: FieldsOf<typeof RetryRuleSchema>;
};

const FILTER_SHAPES: Shapes<FailureFilter> = { reasons: 'texts', errors: 'list', note: 'text' };
const RETRY_SHAPES: Shapes<Parameters<typeof retryOn>[0]> = { ...FILTER_SHAPES, delay: 'span' };

const REASONS: Readonly<Record<FailureReasonName, FailureReasonName>> = {
  exception: 'exception',
  timeout: 'timeout',
  exited: 'exited',
  out_of_memory: 'out_of_memory',
  limit: 'limit',
  lost: 'lost',
};

type ErrorClass = abstract new (...given: never[]) => Error;

/** Such failures are tried again, if a try is left; `delay` replaces the task's own wait. */
export function retryOn(filter: FailureFilter & { readonly delay?: Duration }): RetryRule {
  requireShapes('retryOn()', filter, RETRY_SHAPES);
  const delay = durationOption('delay', filter.delay);
  return ruleOf(filter, { action: RetryAction.RETRY, ...(delay === undefined ? {} : { delay }) });
}

/** Such failures are final: no further try. */
export function failOn(filter: FailureFilter): RetryRule {
  requireShapes('failOn()', filter, FILTER_SHAPES);
  return ruleOf(filter, { action: RetryAction.FAIL });
}

/** The contract's form of a task's rules. Throws a DagError for what is none. */
export function retryRuleFields(rules: readonly RetryRule[]): RetryRule['fields'][] {
  return rules.map((rule: RetryRule | undefined) => {
    if (rule?.kind === 'retry_rule') return rule.fields;
    throw new DagError('retryRules are made by retryOn() and failOn(); use one of them');
  });
}

function ruleOf(
  { reasons = [], errors = [], note = '' }: FailureFilter,
  rest: FieldsOf<typeof RetryRuleSchema>,
): RetryRule {
  const errorClasses = errors.map(nameOf);
  return {
    kind: 'retry_rule',
    fields: {
      reasons: reasons.map((each) => oneOf('reasons', each, REASONS)),
      errorClasses,
      note,
      ...rest,
    },
  };
}

function nameOf(error: string | ErrorClass): string {
  const name = typeof error === 'function' ? error.name : error;
  if (typeof name === 'string' && name !== '') return name;
  throw new DagError(
    'errors are classes with a name, or names of classes; one of these is neither',
  );
}
