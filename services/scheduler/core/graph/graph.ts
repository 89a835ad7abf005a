// The shape of a DAG, by indexes of its tasks: order, relatives, scopes of setups, leaves.

/** A task as far as the shape of its DAG is concerned. */
export type Vertex = {
  /** Indexes of the tasks directly above. */
  readonly upstream: readonly number[];
  /** Indexes of the tasks directly below. */
  readonly downstream: readonly number[];
  readonly isSetup: boolean;
  readonly isTeardown: boolean;
  /** For a teardown: its failure fails the run, so it counts like any other task. */
  readonly failsRun: boolean;
};

/** Which way along the edges. */
export type Side = 'upstream' | 'downstream';

/** The edges below, from the edges above. */
export function invert(upstream: readonly (readonly number[])[]): number[][] {
  const downstream: number[][] = upstream.map(() => []);
  for (const [index, indexes] of upstream.entries()) {
    for (const above of indexes) downstream[above]?.push(index);
  }
  return downstream;
}

/** All indexes, upstream tasks first (Kahn's algorithm); undefined when there is a cycle. */
export function topologicalOrder(
  vertices: readonly Pick<Vertex, Side>[],
): readonly number[] | undefined {
  const missing = vertices.map(({ upstream }) => upstream.length);
  const order = vertices.flatMap(({ upstream }, index) => (upstream.length === 0 ? [index] : []));
  for (let at = 0; at < order.length; at++) {
    for (const index of vertices[order[at] ?? 0]?.downstream ?? []) {
      const left = (missing[index] ?? 0) - 1;
      missing[index] = left;
      if (left === 0) order.push(index);
    }
  }
  return order.length < vertices.length ? undefined : order;
}

/** Everything that can be reached from some tasks on one side, without them unless in between. */
export function relativesOf(
  vertices: readonly Pick<Vertex, Side>[],
  from: Iterable<number>,
  side: Side,
): Set<number> {
  const found = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const next of vertices[index]?.[side] ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

/**
 * The setups in whose scope a task is: those above it that have no teardown, or one that is below
 * the task.
 */
export function scopeSetups(vertices: readonly Vertex[], index: number): readonly number[] {
  const below = relativesOf(vertices, [index], 'downstream');
  return [...relativesOf(vertices, [index], 'upstream')].filter((above) => {
    const setup = vertices[above];
    if (setup === undefined || !setup.isSetup) return false;
    const teardowns = setup.downstream.filter((each) => vertices[each]?.isTeardown);
    return teardowns.length === 0 || teardowns.some((each) => below.has(each));
  });
}

/** The teardowns of a setup. */
export function teardownsOf(vertices: readonly Vertex[], setup: number): readonly number[] {
  return vertices[setup]?.downstream.filter((each) => vertices[each]?.isTeardown) ?? [];
}

/**
 * The tasks that decide how a run ends: those below which nothing but plain teardowns are, plain
 * teardowns aside; in a DAG of plain teardowns alone, those without anything below.
 */
export function decidingLeaves(vertices: readonly Vertex[]): readonly number[] {
  const isPlain = (index: number) => {
    const vertex = vertices[index];
    return vertex !== undefined && vertex.isTeardown && !vertex.failsRun;
  };
  const indexes = [...vertices.keys()];
  const leaves = indexes.filter(
    (index) => !isPlain(index) && (vertices[index]?.downstream ?? []).every(isPlain),
  );
  if (leaves.length > 0) return leaves;
  return indexes.filter((index) => vertices[index]?.downstream.length === 0);
}
