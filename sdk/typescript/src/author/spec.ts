// From what an author declared to the contract's DagSpec: the form that leaves the author's code.
import { basename } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import { type CallSite, isSameFile } from './call-site.ts';
import { type Dag, draftOfDag } from './dag.ts';
import type { TaskDraft } from './task.ts';
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

/** The DAG as the rest of the mesh knows it. */
export function toDagSpec(dag: Dag, options: SpecOptions = {}): DagSpec {
  const draft = draftOfDag(dag);
  const file = options.file ?? basename(draft.sites[0]?.file ?? '');
  const names = exportNames(options.exports ?? {});
  const tasks = [...draft.tasks.values()].map((task) => ({
    ...task.fields,
    upstreamTaskIds: [...task.upstream],
    handler: handlerOf(task, file, names),
    sourceLine: lineIn(file, task.sites),
    isEmpty: task.work.kind === 'empty',
  }));
  return create(DagSpecSchema, { ...draft.fields, tasks });
}

function handlerOf(task: TaskDraft, file: string, names: ReadonlyMap<unknown, string>): string {
  const { work } = task;
  if (work.kind === 'empty') return '';
  if (work.kind === 'remote') return work.handler;
  return `${file}:${names.get(work.body) ?? `${task.dag.dagId}.${task.taskId}`}`;
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
