// The tasks of a DAG made ready: edges both ways, groups and mappings around them, priorities.
import { type DagSpec, type TaskSpec, WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { invert, scopeSetups, topologicalOrder, type Vertex } from './graph.ts';
import { prioritiesOf } from './priority.ts';
import { ownFields } from './task-fields.ts';
import { looksAtAll, placeAt, placeTasks, sharedDepth, sourceIds } from './task-groups.ts';
import type { Relation, Task } from './task.ts';

/**
 * The tasks of a spec, in its order. Throws a plain Error when they form a cycle, or a mapping is
 * wrong.
 */
export function compileTasks(spec: DagSpec): readonly Task[] {
  const indexes = new Map(spec.tasks.map((task, index) => [task.taskId, index]));
  const known = (taskId: string) => indexes.get(taskId) ?? [];
  const upstream = spec.tasks.map(({ upstreamTaskIds }) => [
    ...new Set(upstreamTaskIds.flatMap(known)),
  ]);
  const downstream = invert(upstream);
  const vertices = spec.tasks.map((task, index) => vertexOf(task, index, upstream, downstream));
  const priorities = prioritiesIn(spec, vertices);
  const placed = placeTasks(spec);
  const sources = placed.map(({ levels }) => [...new Set(sourceIds(levels).flatMap(known))]);
  const sourceFor = invert(sources);
  const setups = setupsAround(vertices);
  const setupFor = invert(setups);
  const above = spec.tasks.map((task, index) => relationsAbove(task, index));
  return spec.tasks.map((task, index): Task => {
    const { groups, levels } = placeAt(placed, index);
    const vertex = vertices[index] ?? vertexOf(task, index, upstream, downstream);
    const relations = above[index] ?? [];
    return {
      ...ownFields(task),
      ...vertex,
      index,
      above: relations,
      sharesGroups: relations.some(({ depth }) => depth > 0),
      below: vertex.downstream.map((other) => ({ index: other, depth: depthTo(other, index) })),
      setups: (setups[index] ?? []).map((other) => ({
        index: other,
        depth: sharedDepth(levels, placeAt(placed, other).levels),
      })),
      setupFor: setupFor[index] ?? [],
      groups,
      levels,
      sources: sources[index] ?? [],
      sourceFor: sourceFor[index] ?? [],
      priority: clampWeight(priorities[index] ?? 0),
    };
  });

  function relationsAbove(task: TaskSpec, index: number): readonly Relation[] {
    const own = placeAt(placed, index);
    const isFast = looksAtAll(task.triggerRule, own);
    return (upstream[index] ?? []).map((other): Relation => {
      if (isFast && !sources[index]?.includes(other)) return { index: other, depth: 0 };
      return { index: other, depth: sharedDepth(own.levels, placeAt(placed, other).levels) };
    });
  }

  function depthTo(below: number, index: number): number {
    return above[below]?.find((relation) => relation.index === index)?.depth ?? 0;
  }
}

/** The priority of each task; throws when the tasks form a cycle. */
function prioritiesIn(spec: DagSpec, vertices: readonly Vertex[]): readonly number[] {
  const order = topologicalOrder(vertices);
  if (order === undefined) throw new Error(`the tasks of DAG ${spec.dagId} form a cycle`);
  const weighed = spec.tasks.map((task, index) => ({
    weight: task.priorityWeight,
    weightRule: task.weightRule || WeightRule.DOWNSTREAM,
    upstream: vertices[index]?.upstream ?? [],
    downstream: vertices[index]?.downstream ?? [],
  }));
  return prioritiesOf(weighed, order);
}

/** The setups in whose scope each task is, beside those directly above it. */
function setupsAround(vertices: readonly Vertex[]): readonly (readonly number[])[] {
  const hasSetups = vertices.some(({ isSetup }) => isSetup);
  return vertices.map((vertex, index) => {
    if (!hasSetups || vertex.isTeardown) return [];
    return scopeSetups(vertices, index).filter((above) => !vertex.upstream.includes(above));
  });
}

function vertexOf(
  task: TaskSpec,
  index: number,
  upstream: readonly (readonly number[])[],
  downstream: readonly (readonly number[])[],
): Vertex {
  return {
    upstream: upstream[index] ?? [],
    downstream: downstream[index] ?? [],
    isSetup: task.isSetup,
    isTeardown: task.isTeardown,
    failsRun: task.onFailureFailDagrun,
  };
}

/** Weights are 32-bit numbers. */
function clampWeight(weight: number): number {
  return Math.max(-2_147_483_648, Math.min(2_147_483_647, weight));
}
