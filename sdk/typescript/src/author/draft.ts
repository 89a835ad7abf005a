// What the SDK knows of a DAG while it is being declared: its tasks, groups, and the functions it
// names.
import type { DagSpecSchema, TaskSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import type { AssetSpec } from '../gen/dagmesh/dag/v1/asset_pb.ts';
import type { HumanInputSpecSchema, TriggerSpec } from '../gen/dagmesh/dag/v1/waiting_pb.ts';
import type { TaskBody } from '../task/context.ts';
import type { Keeping } from '../task/outputs.ts';
import type { CallSite } from './checks/call-site.ts';
import type { CallbackDraft } from './alert/callbacks.ts';
import type { DeadlineDraft } from './alert/deadlines.ts';
import type { FieldsOf } from './values/fields.ts';
import type { MappingDraft } from './graph/mapping.ts';
import type { TaskOptions } from './option/options.ts';

/** A DAG under construction; closed once its declaration has run. */
export type DagDraft = {
  readonly dagId: string;
  readonly defaultArgs: TaskOptions;
  readonly fields: FieldsOf<typeof DagSpecSchema>;
  readonly callbacks: readonly CallbackDraft[];
  readonly deadlines: readonly DeadlineDraft[];
  readonly tasks: Map<string, TaskDraft>;
  readonly groups: Map<string, GroupDraft>;
  readonly edgeLabels: EdgeLabelDraft[];
  /** Functions beside tasks (callbacks, changes of elements), by the name a worker asks for. */
  readonly functions: Map<AnyFunction, string>;
  /** By name, each once. */
  readonly assets: Map<string, AssetSpec>;
  readonly sites: readonly CallSite[];
  isClosed: boolean;
};

/** A task under construction. */
export type TaskDraft = {
  readonly dag: DagDraft;
  readonly taskId: string;
  readonly fields: FieldsOf<typeof TaskSpecSchema>;
  readonly options: TaskOptions;
  /** How its value is kept, with what it inherits. */
  readonly keeps: Keeping;
  readonly work: Work;
  readonly mapping: MappingDraft | undefined;
  readonly callbacks: readonly CallbackDraft[];
  readonly group: GroupDraft | undefined;
  readonly upstream: Set<string>;
  readonly sites: readonly CallSite[];
  role: TaskRole;
};

/** What a task is for: its own sake, or the sake of the tasks between a setup and its teardown. */
export type TaskRole =
  | { readonly kind: 'work' }
  | { readonly kind: 'setup' }
  | { readonly kind: 'teardown'; readonly onFailureFailDagrun: boolean };

/** A group under construction. */
export type GroupDraft = {
  readonly dag: DagDraft;
  /** With the prefixes of the groups around it. */
  readonly groupId: string;
  readonly parent: GroupDraft | undefined;
  readonly hasPrefix: boolean;
  readonly displayName: string;
  readonly tooltip: string;
  /** Of the DAG, the groups around it, and its own. */
  readonly defaultArgs: TaskOptions;
  readonly mapping: MappingDraft | undefined;
};

/** What a task runs, or does without running code. */
export type Work =
  | { readonly kind: 'body'; readonly body: TaskBody<never> }
  | { readonly kind: 'remote'; readonly handler: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'latest_only' }
  | {
      readonly kind: 'human_input';
      readonly humanInput: FieldsOf<typeof HumanInputSpecSchema>;
    }
  | { readonly kind: 'trigger'; readonly trigger: TriggerSpec };

/** Words on an edge. */
export type EdgeLabelDraft = {
  readonly upstreamTaskId: string;
  readonly downstreamTaskId: string;
  readonly label: string;
};

/** A function of the author, whatever it takes. */
export type AnyFunction = (...given: never[]) => unknown;

/** Gives a function of the author a name by which a worker finds it in the same file again. */
export function nameFunction(dag: DagDraft, kind: string, named: AnyFunction): void {
  if (dag.functions.has(named)) return;
  // No task has a `#` in its id.
  dag.functions.set(named, `${dag.dagId}#${kind}_${dag.functions.size + 1}`);
}

/** Whether a group is `around` itself or inside it. */
export function isWithin(group: GroupDraft | undefined, around: GroupDraft): boolean {
  for (let at = group; at !== undefined; at = at.parent) if (at === around) return true;
  return false;
}
