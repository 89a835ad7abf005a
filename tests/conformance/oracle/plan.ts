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
  /** execution_timeout of a try, its waits for events and people included. */
  readonly timeout_s?: number;
  /** Without code: it waits for an event, an answer, or an approval, and ends with that. */
  readonly waits?: 'event' | 'answer' | 'approval';
  /** How long it waits, in seconds; default: for ever. */
  readonly waits_s?: number;
  /** True: after that time the answer is what had been said before; else it has failed. */
  readonly has_defaults?: boolean;
  /** It runs only when it has passed in the run before; with `downstream`, those below as well. */
  readonly past?: 'itself' | 'downstream';
  /** wait_for_past_depends_before_skipping. */
  readonly patient?: boolean;
  /** True: max_active_tis_per_dag, so wide that it holds nothing up. */
  readonly limited?: boolean;
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
  /** True: runs by hand are not the run before. */
  readonly catchup?: boolean;
  /** dagrun_timeout. */
  readonly timeout_s?: number;
};

/** How one stay on a worker ends. */
export type Ending = {
  /**
   * `fatal` is a failure that is not tried again. The last five end no try: it waits for an event,
   * a moment or an answer, its worker did not begin it, or is gone.
   */
  readonly as:
    | 'success'
    | 'failed'
    | 'fatal'
    | 'skipped'
    | 'deferred'
    | 'rescheduled'
    | 'asking'
    | 'rejected'
    | 'lost';
  /** With a success: it returned so many elements; absent means nothing that can be mapped over. */
  readonly returns?: number;
  /** With a success: a branch that follows only these. */
  readonly branch?: readonly string[];
  /** With a success: a short circuit over everything downstream, or what is directly downstream. */
  readonly circuit?: 'all' | 'direct';
  /** With a wait: it ends after so many seconds by itself. Default: never; rescheduled: at once. */
  readonly for_s?: number;
};

/** What ends a wait from outside; `no` is the refusal of an approval. */
export type News = 'event' | 'error' | 'skip' | 'yes' | 'no';

/** The rule that counts. */
export function ruleOf(task: TaskPlan): Rule {
  return task.teardown === true ? 'all_done_setup_success' : (task.rule ?? 'all_success');
}
