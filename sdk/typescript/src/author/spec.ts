// From what an author declared to the contract's DagSpec: the form that leaves the author's code.
import { basename } from 'node:path';
import { create } from '@bufbuild/protobuf';
import {
  type DagSpec,
  DagSpecSchema,
  type TaskSpecSchema,
  TriggerRule,
} from '../gen/dagmesh/dag/v1/dag_pb.ts';
import { type CallSite, isSameFile } from './checks/call-site.ts';
import { callbackSpec } from './alert/callbacks.ts';
import { type Dag, draftOfDag } from './dag.ts';
import { deadlineSpec } from './alert/deadlines.ts';
import type { AnyFunction, TaskDraft } from './draft.ts';
import type { FieldsOf } from './values/fields.ts';
import { groupSpec } from './graph/group.ts';
import { mappingSpec } from './graph/mapping.ts';
import { isTemplate } from './template.ts';

/** What a worker needs to find the code of a task again. */
export type SpecOptions = {
  /**
   * The DAG file, relative to the DAG folder; by default the name of the file that called `dag()`.
   */
  readonly file?: string;
  /**
   * The file's exports: a task whose function (or template) is one of them is found under that
   * name.
   */
  readonly exports?: Readonly<Record<string, unknown>>;
};

/** Where functions of the author are found again. */
type Naming = {
  readonly file: string;
  readonly handlerOf: (named: AnyFunction, inline?: string) => string;
};

/** The DAG as the rest of the mesh knows it. */
export function toDagSpec(dag: Dag, options: SpecOptions = {}): DagSpec {
  const draft = draftOfDag(dag);
  const file = options.file ?? basename(draft.sites[0]?.file ?? '');
  const names = exportNames(options.exports ?? {});
  const handlerOf = (named: AnyFunction, inline = draft.functions.get(named) ?? '') =>
    `${file}:${names.get(named) ?? inline}`;
  return create(DagSpecSchema, {
    ...draft.fields,
    tasks: [...draft.tasks.values()].map((task) => taskSpec(task, { file, handlerOf })),
    taskGroups: [...draft.groups.values()].map((group) => groupSpec(group, handlerOf)),
    edgeLabels: draft.edgeLabels,
    assets: [...draft.assets.values()],
    callbacks: draft.callbacks.map((callback) => callbackSpec(callback, handlerOf)),
    deadlines: draft.deadlines.map((deadline) => deadlineSpec(deadline, handlerOf)),
  });
}

function taskSpec(task: TaskDraft, { file, handlerOf }: Naming): FieldsOf<typeof TaskSpecSchema> {
  const { group, mapping, callbacks } = task;
  return {
    ...task.fields,
    ...workFields(task, handlerOf),
    ...roleFields(task),
    ...(mapping === undefined ? {} : { mapping: mappingSpec(mapping, handlerOf) }),
    taskGroupId: group?.groupId ?? '',
    upstreamTaskIds: [...task.upstream],
    callbacks: callbacks.map((callback) => callbackSpec(callback, handlerOf)),
    sourceLine: lineIn(file, task.sites),
  };
}

function workFields(
  { work, dag, taskId }: TaskDraft,
  handlerOf: Naming['handlerOf'],
): FieldsOf<typeof TaskSpecSchema> {
  switch (work.kind) {
    case 'body':
      return { handler: handlerOf(work.body, `${dag.dagId}.${taskId}`) };
    case 'remote':
      return { handler: work.handler };
    case 'empty':
      return { isEmpty: true };
    case 'latest_only':
      return { isLatestOnly: true };
    case 'human_input':
      return { humanInput: work.humanInput };
    case 'trigger':
      return { trigger: work.trigger };
  }
}

function roleFields({ role }: TaskDraft): FieldsOf<typeof TaskSpecSchema> {
  if (role.kind === 'work') return {};
  if (role.kind === 'setup') return { isSetup: true };
  const { onFailureFailDagrun } = role;
  const triggerRule = TriggerRule.ALL_DONE_SETUP_SUCCESS;
  return { isTeardown: true, onFailureFailDagrun, triggerRule };
}

/** The name under which each exported function can be imported again. */
function exportNames(exports: Readonly<Record<string, unknown>>): ReadonlyMap<unknown, string> {
  return new Map(
    Object.entries(exports).map(([name, value]) => [isTemplate(value) ? value.body : value, name]),
  );
}

/**
 * The line in the DAG file itself, also when a factory in another file declares the task for it.
 */
function lineIn(file: string, sites: readonly CallSite[]): number {
  return (sites.find((site) => isSameFile(site, file)) ?? sites[0])?.line ?? 0;
}
