// The words an author may use: Airflow's arguments of DAGs and operators, in camelCase.
import type { Duration } from './duration.ts';
import type { ParamOptions } from './params.ts';
import type { ScheduleOption } from './schedule.ts';

/** How the states of the upstream tasks decide about a task. */
export type TriggerRuleName =
  | 'all_success'
  | 'all_failed'
  | 'all_done'
  | 'all_done_min_one_success'
  | 'all_done_setup_success'
  | 'one_success'
  | 'one_failed'
  | 'one_done'
  | 'none_failed'
  | 'none_failed_min_one_success'
  | 'none_skipped'
  | 'all_skipped'
  | 'always';

/** How priority weights add up along the graph. */
export type WeightRuleName = 'downstream' | 'upstream' | 'absolute';

/** What may be said about any task. */
export type TaskOptions = {
  /** Further tries after the first; 0 by default, at most 10,000. */
  readonly retries?: number;
  /** Wait before the next try; `'300s'` by default. */
  readonly retryDelay?: Duration;
  /** Multiplier of the wait per try; true means 2, false or 0 a constant wait (default). */
  readonly retryExponentialBackoff?: number | boolean;
  /** Upper bound of the wait; 24 h by default. */
  readonly maxRetryDelay?: Duration;
  /** An attempt that runs longer fails, and may be retried; no limit by default. */
  readonly executionTimeout?: Duration;
  /** `all_success` by default. */
  readonly triggerRule?: TriggerRuleName;
  /** The pool whose slots the task takes; `default_pool` by default. */
  readonly pool?: string;
  /** Slots taken in the pool; 1 by default. */
  readonly poolSlots?: number;
  /** Higher runs earlier; 1 by default. */
  readonly priorityWeight?: number;
  /** `downstream` by default. */
  readonly weightRule?: WeightRuleName;
  /** Which workers may run the task; `default` (the TypeScript worker) by default. */
  readonly queue?: string;
  /** Instances of the task queued or running at once over all runs; no limit by default. */
  readonly maxActiveTisPerDag?: number;
  /** Instances of the task queued or running at once in one run; no limit by default. */
  readonly maxActiveTisPerDagrun?: number;
  /** Ids of the connections the task may use. */
  readonly connections?: readonly string[];
  /** Markdown shown beside the task. */
  readonly docMd?: string;
};

/** A task that another language's worker runs. */
export type RemoteTaskOptions = TaskOptions & {
  /** What that worker runs, e.g. `weather.py:validate`. */
  readonly handler: string;
};

/** What may be said about a DAG. */
export type DagOptions = {
  /** One line for people. */
  readonly description?: string;
  /** When it runs; null (default) means only when triggered. */
  readonly schedule?: ScheduleOption;
  /** First instant that may be scheduled. An ISO date or time; UTC where it names no offset. */
  readonly startDate?: string | Date;
  /** Last instant that may be scheduled, inclusive. */
  readonly endDate?: string | Date;
  /**
   * True: a run for every missed instant since the start date. False (default): only the latest.
   */
  readonly catchup?: boolean;
  /** Runs that may be running at once; 16 by default. */
  readonly maxActiveRuns?: number;
  /** Task instances of one run that may be queued or running at once; 16 by default. */
  readonly maxActiveTasks?: number;
  /** A run older than this fails; no limit by default. */
  readonly dagrunTimeout?: Duration;
  /** Values a run may be triggered with. */
  readonly params?: ParamOptions;
  /** Labels for finding the DAG; at most 100 characters each. */
  readonly tags?: readonly string[];
  /** Who answers for the DAG. */
  readonly owner?: string;
  /** Markdown shown beside the DAG. */
  readonly docMd?: string;
  /** Whether the DAG starts paused when it is seen for the first time; false by default. */
  readonly isPausedUponCreation?: boolean;
  /** What holds for each task that does not say otherwise. */
  readonly defaultArgs?: TaskOptions;
};
