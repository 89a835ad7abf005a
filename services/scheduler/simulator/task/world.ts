// What tasks of a simulation find outside of it: variables, connections, and what they keep.
import type { ResolvedConnection } from '#gen/dagmesh/worker/v1/attempt_pb.ts';

/** The world of one simulation; it begins as its author says, and tasks change it. */
export type World = {
  readonly variables: Map<string, string>;
  readonly connections: ReadonlyMap<string, ResolvedConnection>;
  /** JSON by owner (an instance's id, an asset's name) and key. */
  readonly kept: Map<string, string>;
};

/** A world. */
export function createWorld(given: {
  readonly variables?: Readonly<Record<string, string>>;
  readonly connections?: readonly ResolvedConnection[];
}): World {
  const { variables = {}, connections = [] } = given;
  return {
    variables: new Map(Object.entries(variables)),
    connections: new Map(connections.map((each) => [each.connId, each])),
    kept: new Map(),
  };
}
