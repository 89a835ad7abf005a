// The words an author may use: Airflow's arguments of DAGs and operators, in camelCase.
import type { AssetPort } from '../asset.ts';
import type { ScheduleOption } from '../schedule/asset-schedule.ts';
import type { CallbackOptions, TaskCallbackOptions } from '../alert/callbacks.ts';
import type { DeadlineOptions } from '../alert/deadlines.ts';
import type { Duration } from '../values/duration.ts';
import type { Instant } from '../values/instant.ts';
import type { ParamOptions } from './params.ts';
import type { RetryRule } from '../alert/retry-rules.ts';

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

/** What may create runs of a DAG. */
export type AllowedRunType =
  | 'scheduled'
  | 'manual'
  | 'backfill'
  | 'asset_triggered'
  | 'asset_materialization';

/** What may be said about any task. */
export type TaskOptions = TaskCallbackOptions & {
  /** Further tries after the first; 0 by default, at most 10,000. */
  readonly retries?: number;
  /** Wait before the next try; `'300s'` by default. */
  readonly retryDelay?: Duration;
  /** Multiplier of the wait per try; true means 2, false or 0 a constant wait (default). */
  readonly retryExponentialBackoff?: number | boolean;
  /** Upper bound of the wait; 24 h by default. */
  readonly maxRetryDelay?: Duration;
  /** What follows failures of certain kinds; the first rule that fits counts. */
  readonly retryRules?: readonly RetryRule[];
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
  /** Keys of the DAG's `keyLimits` that the task counts towards; at most 10. */
  readonly limitKeys?: readonly string[];
  /** Runs only when its instance in the run before succeeded or was skipped. */
  readonly dependsOnPast?: boolean;
  /** With `dependsOnPast`: true (default) runs it when there is no earlier instance at all. */
  readonly ignoreFirstDependsOnPast?: boolean;
  /** With `dependsOnPast`: it is skipped only once the past would let it run. */
  readonly waitForPastDependsBeforeSkipping?: boolean;
  /** As `dependsOnPast`, and the tasks directly downstream of that instance must be done too. */
  readonly waitForDownstream?: boolean;
  /** Runs with an earlier logical date do not run it. */
  readonly startDate?: Instant;
  /** Runs with a later logical date do not run it. */
  readonly endDate?: Instant;
  /** It should have succeeded so long after the end of the run's data interval. */
  readonly sla?: Duration;
  /** What it reads, for lineage. */
  readonly inlets?: readonly AssetPort[];
  /** What it makes: updated when it succeeds. */
  readonly outlets?: readonly AssetPort[];
  /** Names a mapped instance, with `{{ name }}` for its arguments; its index by default. */
  readonly mapIndexTemplate?: string;
  /** True: each key of the object it returns is an XCom too. */
  readonly multipleOutputs?: boolean;
  /** False: what it returns is not kept as an XCom. */
  readonly doXcomPush?: boolean;
  /** Ids of the connections the task may use. */
  readonly connections?: readonly string[];
  /** What is shown instead of the id. */
  readonly displayName?: string;
  /** Markdown shown beside the task. */
  readonly docMd?: string;
};

/** What may be said about a group of tasks. */
export type GroupOptions = {
  /** False: the ids of the tasks in it do not begin with the group's; true by default. */
  readonly prefixGroupId?: boolean;
  /** What is shown instead of the id. */
  readonly displayName?: string;
  /** One line for people. */
  readonly tooltip?: string;
  /** What holds for each task in it that does not say otherwise. */
  readonly defaultArgs?: TaskOptions;
};

/** What may be said about a wait without code. */
export type WaitOptions = TaskOptions & {
  /** How long to wait; for ever by default. */
  readonly timeout?: Duration;
  /** True: what would be a failure of the wait is a skip. */
  readonly softFail?: boolean;
};

/** A limit on the tasks that name its key, over all runs of the DAG. */
export type KeyLimit = {
  /** Task instances queued or running at once. */
  readonly maxActive?: number;
  /** Task instances that may begin in each period; from 1 ms to 31 days. */
  readonly rate?: { readonly count: number; readonly period: Duration };
};

/** A task that another language's worker runs. */
export type RemoteTaskOptions = TaskOptions & {
  /** What that worker runs, e.g. `weather.py:validate`. */
  readonly handler: string;
};

/** What may be said about a DAG. */
export type DagOptions = CallbackOptions & {
  /** One line for people. */
  readonly description?: string;
  /** When it runs; null (default) means only when triggered. */
  readonly schedule?: ScheduleOption;
  /** First instant that may be scheduled. An ISO date or time; UTC where it names no offset. */
  readonly startDate?: Instant;
  /** Last instant that may be scheduled, inclusive. */
  readonly endDate?: Instant;
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
  /** True: the first task that fails for good ends the run; every rule is all_success then. */
  readonly failFast?: boolean;
  /** The DAG is paused when so many of its latest runs have all failed; 0 (default) means never. */
  readonly maxConsecutiveFailedDagRuns?: number;
  /** What may create runs; everything by default. */
  readonly allowedRunTypes?: readonly AllowedRunType[];
  /** By when runs are expected to have succeeded; at most 20. */
  readonly deadlines?: readonly DeadlineOptions[];
  /** The DAG's share of a pool when others of the same priority wait for it too; 1 by default. */
  readonly fairShareWeight?: number;
  /** Limits that tasks name with `limitKeys`, e.g. for a customer or an API. */
  readonly keyLimits?: { readonly [key: string]: KeyLimit };
  /**
   * True: cleared and waiting runs move to the newest version of the DAG. False (default): a run
   * keeps the version that started it.
   */
  readonly followsLatestVersion?: boolean;
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
