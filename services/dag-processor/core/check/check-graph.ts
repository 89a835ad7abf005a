// The tasks of a DAG as a graph: each name once, every edge between tasks that exist, no circle.
import type { TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { Check } from './dag-view.ts';
import { type Problem, PROBLEMS_MAX } from '../reading/import-error.ts';
import { mappedTaskIds } from './mapping-sources.ts';
import { didYouMean } from '../nearest.ts';

/**
 * What is wrong with the graph; nothing when it is one. Stops looking after as many problems as are
 * told.
 */
export const checkGraph: Check = ({ dag, tasks, ofDag }) => {
  const problems: Problem[] = [];
  for (const task of dag.tasks) {
    const twin = tasks.get(task.taskId);
    if (twin !== undefined && twin !== task) problems.push(doubled(task, twin));
  }
  for (const task of dag.tasks) {
    // What it is mapped over is told as that.
    const mappedOver = new Set(task.mapping === undefined ? [] : mappedTaskIds(task.mapping));
    for (const upstreamId of task.upstreamTaskIds) {
      if (problems.length > PROBLEMS_MAX) return problems;
      if (tasks.has(upstreamId) || mappedOver.has(upstreamId)) continue;
      problems.push(unknownUpstream(task, upstreamId, tasks.keys()));
    }
  }
  for (const { upstreamTaskId, downstreamTaskId, label } of dag.edgeLabels) {
    if (tasks.get(downstreamTaskId)?.upstreamTaskIds.includes(upstreamTaskId)) continue;
    const edge = `${upstreamTaskId} → ${downstreamTaskId}`;
    problems.push(
      ofDag(`has the label "${label}" on the edge ${edge}, which it does not have`, label),
    );
  }
  // A circle among broken edges would only confuse.
  if (problems.length > 0) return problems;
  const cycle = findCycle(tasks);
  return cycle === undefined ? [] : [circle(cycle)];
};

/** `a (line 12)`, or `a` when the line is not known. */
export function nameWithLine(task: TaskSpec): string {
  return task.sourceLine > 0 ? `${task.taskId} (line ${task.sourceLine})` : task.taskId;
}

/** The line of a task, undefined when it is not known. */
export function lineOfTask(task: TaskSpec): number | undefined {
  return task.sourceLine > 0 ? task.sourceLine : undefined;
}

function doubled(task: TaskSpec, twin: TaskSpec): Problem {
  return {
    line: lineOfTask(task),
    cause: `there are two tasks with the id "${task.taskId}", the first is ${nameWithLine(twin)}; rename one`,
  };
}

function unknownUpstream(task: TaskSpec, upstreamId: string, known: Iterable<string>): Problem {
  const hint = didYouMean(upstreamId, known);
  return {
    line: lineOfTask(task),
    cause: `task "${task.taskId}" waits for "${upstreamId}", which is no task of this DAG${hint}`,
  };
}

function circle(cycle: readonly TaskSpec[]): Problem {
  const [first] = cycle;
  const path = [...cycle, ...cycle.slice(0, 1)].map((task, at) =>
    at === cycle.length ? task.taskId : nameWithLine(task),
  );
  return {
    line: first === undefined ? undefined : lineOfTask(first),
    cause: `the tasks wait for each other in a circle: ${path.join(' → ')}; ${remedy(cycle)}`,
  };
}

// Nobody finds an edge that was never written as one.
function remedy(cycle: readonly TaskSpec[]): string {
  const mapped = cycle.find(({ mapping }, at) => {
    const upstream = cycle.at(at - 1)?.taskId ?? '';
    return mapping !== undefined && mappedTaskIds(mapping).includes(upstream);
  });
  if (mapped === undefined) return 'remove one of these edges';
  const upstream = cycle.at(cycle.indexOf(mapped) - 1)?.taskId;
  return `"${mapped.taskId}" is mapped over "${upstream}", so it cannot come before it`;
}

type Visit = { readonly task: TaskSpec; next: number };

/**
 * The tasks of a circle in the order in which they would have to run, or undefined. Depth first
 * along upstream edges, without recursion: a chain may be ten thousand tasks deep.
 */
function findCycle(tasks: ReadonlyMap<string, TaskSpec>): readonly TaskSpec[] | undefined {
  const done = new Set<string>();
  for (const root of tasks.values()) {
    const open = new Set<string>();
    const path: Visit[] = [];
    const enter = (task: TaskSpec) => {
      open.add(task.taskId);
      path.push({ task, next: 0 });
    };
    if (!done.has(root.taskId)) enter(root);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const upstreamId = visit.task.upstreamTaskIds[visit.next++];
      if (upstreamId === undefined) {
        path.pop();
        open.delete(visit.task.taskId);
        done.add(visit.task.taskId);
        continue;
      }
      if (open.has(upstreamId)) return fromOldest(path, upstreamId);
      const upstream = tasks.get(upstreamId);
      if (upstream !== undefined && !done.has(upstreamId)) enter(upstream);
    }
  }
  return undefined;
}

// The path runs against the edges; turned round, and begun at the task that stands first in the
// file, it reads well.
function fromOldest(path: readonly Visit[], upstreamId: string): readonly TaskSpec[] {
  const from = path.findIndex(({ task }) => task.taskId === upstreamId);
  const circle = path
    .slice(from)
    .map(({ task }) => task)
    .reverse();
  const lines = circle.map(({ sourceLine }) => sourceLine);
  const first = lines.indexOf(Math.min(...lines));
  return [...circle.slice(first), ...circle.slice(0, first)];
}
