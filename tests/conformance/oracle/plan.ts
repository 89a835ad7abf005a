// A DAG in a few words: what the tables say, what chance makes up, what the oracle reads.

/** The thirteen trigger rules. */
export const RULES = [
  'all_success',
  'all_failed',
  'all_done',
  'all_done_min_one_success',
  'all_done_setup_success',
  'one_success',
  'one_failed',
  'one_done',
  'none_failed',
  'none_failed_min_one_success',
  'none_skipped',
  'all_skipped',
  'always',
] as const;

export type Rule = (typeof RULES)[number];

/** States that end an instance. */
export type Final = 'success' | 'failed' | 'skipped' | 'upstream_failed' | 'removed';

/** A literal list of so many elements, or what a task returns. */
export type Source = number | string;

export type TaskPlan = {
  /** Tasks directly upstream. */
  readonly after?: readonly string[];
  /** Default: all_success; for a teardown: all_done_setup_success. */
  readonly rule?: Rule;
  /** The innermost group it is in. */
  readonly group?: string;
  /** What it is mapped over: one instance for each combination of elements. */
  readonly over?: readonly Source[];
  /** True for a task that no worker runs. */
  readonly empty?: boolean;
  readonly setup?: boolean;
  readonly teardown?: boolean;
  /** For a teardown: on_failure_fail_dagrun. */
  readonly decisive?: boolean;
  readonly retries?: number;
};

export type GroupPlan = {
  /** The group around it. */
  readonly in?: string;
  readonly over?: readonly Source[];
};

export type Plan = {
  readonly tasks: Readonly<Record<string, TaskPlan>>;
  readonly groups?: Readonly<Record<string, GroupPlan>>;
  readonly fail_fast?: boolean;
};

/** How one try ends. */
export type Ending = {
  /** `fatal` is a failure that is not tried again. */
  readonly as: 'success' | 'failed' | 'fatal' | 'skipped';
  /** With a success: it returned so many elements; absent means nothing that can be mapped over. */
  readonly returns?: number;
  /** With a success: a branch that follows only these. */
  readonly branch?: readonly string[];
  /** With a success: a short circuit over everything downstream, or what is directly downstream. */
  readonly circuit?: 'all' | 'direct';
};

/** The rule that counts. */
export function ruleOf(task: TaskPlan): Rule {
  return task.teardown === true ? 'all_done_setup_success' : (task.rule ?? 'all_success');
}
