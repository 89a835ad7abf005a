// Puts a task into a DAG: its id, its options with those it inherits, its arguments and the edges
// they make.
import type { TaskInputSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import { keeping } from '../task/outputs.ts';
import { type Asset, noteAsset } from './asset.ts';
import { callSites, describeSite } from './checks/call-site.ts';
import { callbackDrafts, functionsOf } from './alert/callbacks.ts';
import { DagError, declaring } from './checks/dag-error.ts';
import {
  type DagDraft,
  type GroupDraft,
  nameFunction,
  type TaskDraft,
  type Work,
} from './draft.ts';
import type { FieldsOf } from './values/fields.ts';
import { idWithin } from './graph/group.ts';
import { groupOfArgument, isGroupArgument } from './graph/group-argument.ts';
import { jsonOf } from './values/json-text.ts';
import { type MappingDraft, tasksOfMapping } from './graph/mapping.ts';
import { connect, link } from './graph/node.ts';
import type { TaskOptions } from './option/options.ts';
import { createTask, type Inputs, type Task } from './task.ts';
import { taskFields } from './option/task-fields.ts';
import { isElements, isXComArg } from './graph/xcom-arg.ts';

const TASKS_MAX = 10_000;
const ID = /^[A-Za-z0-9_.~:+@-]{1,250}$/;

/** Where a task is put. */
export type Place = { readonly dag: DagDraft; readonly group: GroupDraft | undefined };

/** What is put there. */
export type TaskParts = {
  /** Without the prefixes of groups. */
  readonly taskId: string;
  readonly options: TaskOptions & { readonly inputs?: Inputs };
  readonly work: Work;
  readonly mapping?: MappingDraft;
  /** What only this kind of task says. */
  readonly extra?: TaskDraft['fields'];
};

/** Adds a task. Throws a DagError at the author's line when it cannot be part of the DAG. */
export function addTask({ dag, group }: Place, parts: TaskParts): Task {
  const { options, work, mapping } = parts;
  const taskId = idWithin(group, parts.taskId);
  requireId('task', taskId);
  requireFree(dag, taskId, 'task');
  if (dag.tasks.size >= TASKS_MAX) {
    throw new DagError(`DAG "${dag.dagId}" has more than ${TASKS_MAX} tasks`);
  }
  const whole = { ...(group?.defaultArgs ?? dag.defaultArgs), ...options };
  const inputs = options.inputs ?? {};
  const callbacks = callbackDrafts(whole);
  for (const named of functionsOf(callbacks)) nameFunction(dag, 'callback', named);
  for (const port of [...(whole.inlets ?? []), ...(whole.outlets ?? [])]) {
    if (port.kind === 'asset') noteAsset(dag.assets, port satisfies Asset);
  }
  const draft: TaskDraft = {
    dag,
    taskId,
    fields: {
      ...taskFields(taskId, whole),
      inputs: Object.entries(inputs).map(([name, value]) =>
        taskInput(name, value, { taskId, group }),
      ),
      ...parts.extra,
    },
    options,
    keeps: {
      multipleOutputs: whole.multipleOutputs ?? false,
      doXcomPush: whole.doXcomPush ?? true,
    },
    work: keptWork(work, whole),
    mapping,
    callbacks,
    group,
    upstream: new Set(),
    sites: callSites(),
    role: { kind: 'work' },
  };
  const task = createTask<unknown>(draft);
  for (const value of Object.values(inputs)) if (isXComArg(value)) connect(value.task, task);
  if (mapping !== undefined) for (const before of tasksOfMapping(dag, mapping)) link(before, draft);
  dag.tasks.set(taskId, draft);
  return task;
}

/** What a body returns is kept as its own options say, or those it inherits. */
function keptWork(work: Work, options: TaskOptions): Work {
  return work.kind === 'body' ? { ...work, body: keeping(work.body, options) } : work;
}

/** Throws a DagError when an id is none. */
export function requireId(what: 'DAG' | 'task' | 'group', id: string): void {
  if (ID.test(id)) return;
  throw new DagError(
    `"${id}" cannot be the id of a ${what}; ` +
      'use 1 to 250 of the characters A-Z a-z 0-9 _ . ~ : + @ -',
  );
}

/** Throws a DagError when a DAG is complete, or has a task or group with this id. */
export function requireFree(dag: DagDraft, id: string, what: 'task' | 'group'): void {
  if (dag.isClosed) {
    throw new DagError(
      `DAG "${dag.dagId}" is complete; ` +
        `declare ${what} "${id}" inside the function given to dag()`,
    );
  }
  const twin = dag.tasks.get(id);
  if (twin !== undefined) {
    throw new DagError(
      `DAG "${dag.dagId}" already has a task "${id}" ` +
        `(declared at ${describeSite(twin.sites[0])}); give this one another id`,
    );
  }
  if (!dag.groups.has(id)) return;
  throw new DagError(`DAG "${dag.dagId}" already has a group "${id}"; give this one another id`);
}

function taskInput(
  name: string,
  value: unknown,
  reader: { readonly taskId: string; readonly group: GroupDraft | undefined },
): FieldsOf<typeof TaskInputSchema> {
  if (isXComArg(value)) {
    const { task, key } = value;
    return { name, source: { case: 'xcom', value: { taskId: task.taskId, key } } };
  }
  if (isGroupArgument(value)) {
    const { groupId } = groupOfArgument(value, reader);
    return { name, source: { case: 'groupArgument', value: { groupId, name: value.name } } };
  }
  if (isElements(value)) {
    throw new DagError(
      `input "${name}" is made by map(), zip() or concat(), which is only for mapping over; ` +
        'give it to expand()',
    );
  }
  const valueJson = declaring('inputs', () => jsonOf(value, `input "${name}"`));
  return { name, source: { case: 'valueJson', value: valueJson } };
}
