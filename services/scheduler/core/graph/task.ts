// A task of a DAG version, made ready for decisions.
import type { CallbackSpec } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import type { AssetPort } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { TaskSpec, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { HumanInputSpec, TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { RetryRule } from '../attempt/retry-delay.ts';
import type { MappingLevel } from '../mapping/mapping.ts';
import type { Vertex } from './graph.ts';

/** What a task without code does; `code` is for a worker. */
export type TaskKind = 'code' | 'empty' | 'latest_only' | 'human_input' | 'trigger';

/** A task, with its neighbours as indexes into `DagVersion.tasks`. */
export type Task = Vertex & {
  readonly index: number;
  readonly taskId: string;
  readonly kind: TaskKind;
  readonly handler: string;
  readonly queue: string;
  /** Tasks directly above, one for each of `upstream`. */
  readonly above: readonly Relation[];
  /** True when it shares a mapped group with a task directly above. */
  readonly sharesGroups: boolean;
  /** Tasks directly below, one for each of `downstream`. */
  readonly below: readonly Relation[];
  /** Setups in whose scope it is, beside those directly above. */
  readonly setups: readonly Relation[];
  /** Tasks that have it among their `setups`. */
  readonly setupFor: readonly number[];
  /** Ids of the groups around it, outermost first. */
  readonly groups: readonly string[];
  /** Mappings around it and its own, outermost first; empty when it is not mapped. */
  readonly levels: readonly MappingLevel[];
  /** Indexes of the tasks that must have finished before it can be expanded. */
  readonly sources: readonly number[];
  /** Tasks that have it among their `sources`. */
  readonly sourceFor: readonly number[];
  readonly mapLabelTemplate: string;
  readonly rule: TriggerRule;
  readonly pool: string;
  readonly poolSlots: number;
  /** Summed along the graph by its weight rule. */
  readonly priority: number;
  /** Further tries after the first. */
  readonly retries: number;
  readonly retry: RetryRule;
  readonly retryRules: readonly RetryReason[];
  readonly executionTimeoutMs: number | undefined;
  /** 0 means no limit. */
  readonly activeTisPerDagMax: number;
  /** 0 means no limit. */
  readonly activeTisPerDagrunMax: number;
  readonly limitKeys: readonly string[];
  /** JSON object with the arguments that are literals. */
  readonly literalsJson: string;
  readonly inputs: readonly TaskInput[];
  readonly connections: readonly string[];
  readonly dependsOnPast: boolean;
  readonly waitsForDownstream: boolean;
  readonly heedsFirstPast: boolean;
  readonly waitsForPastToSkip: boolean;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly humanInput: HumanInputSpec | undefined;
  readonly trigger: TriggerSpec | undefined;
  readonly triggerTimeoutMs: number | undefined;
  readonly isSoftFail: boolean;
  readonly inlets: readonly AssetPort[];
  readonly outlets: readonly AssetPort[];
  readonly callbacks: readonly CallbackSpec[];
  readonly slaMs: number | undefined;
  /** What a callback's task does instead of calling its handler. */
  readonly action?: CallbackSpec['action'];
};

/** An argument whose value is read from elsewhere when an instance is leased. */
export type TaskInput =
  | {
      readonly kind: 'xcom';
      readonly name: string;
      readonly taskId: string;
      readonly key: string;
    }
  | {
      readonly kind: 'group';
      readonly name: string;
      readonly groupId: string;
      readonly argument: string;
    };

/** Another task whose instances a task looks at. */
export type Relation = {
  readonly index: number;
  /** Mapped groups around both of them: their instances are looked at group by group. */
  readonly depth: number;
};

/** What follows failures of certain kinds. */
export type RetryReason = NonNullable<TaskSpec['retry']>['rules'][number];
