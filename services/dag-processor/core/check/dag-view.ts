// A DAG as its checks look at it: names resolved once, and the place of everything in the file.
import type { DagSpec, TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { MappingSpec, TaskGroupSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { type DagSource, lineOfName } from '../file/dag-source.ts';
import type { Problem } from '../reading/import-error.ts';
import { factsOf, type MappingFacts } from './mapping-sources.ts';

/** What an operator limits in DAG files. */
export type DagLimits = {
  /** Instances that a task may have through mapping over literals. */
  readonly mappedInstancesMax: number;
};

/** A DAG with its names resolved. Of two things with one name the first counts. */
export type DagView = {
  readonly dag: DagSpec;
  readonly limits: DagLimits;
  readonly tasks: ReadonlyMap<string, TaskSpec>;
  readonly groups: ReadonlyMap<string, TaskGroupSpec>;
  /** The groups around a task, innermost first; ends at a group that is unknown. */
  groupsAround(task: TaskSpec): readonly TaskGroupSpec[];
  /** The groups from this one outwards, itself first. */
  groupsFrom(groupId: string): readonly TaskGroupSpec[];
  /** What is known of a mapping; undefined when there is none. */
  factsOf(mapping: MappingSpec | undefined): MappingFacts | undefined;
  /** Something about the DAG as a whole: `cause` continues after its name. */
  ofDag(cause: string, named?: string): Problem;
  /** Something about a task: `cause` continues after its name. */
  ofTask(task: TaskSpec, cause: string): Problem;
  /** Something about a group: `cause` continues after its name. */
  ofGroup(group: TaskGroupSpec, cause: string): Problem;
};

/** One law of DAGs: what breaks it, in the order of the file. */
export type Check = (view: DagView) => Iterable<Problem>;

/** How deep groups may be nested. */
export const GROUP_DEPTH_MAX = 50;

/** A view of a DAG that keeps the contract. `source` is only read to name lines. */
export function viewDag(dag: DagSpec, source: DagSource, limits: DagLimits): DagView {
  const tasks = firstByName(dag.tasks, (task) => task.taskId);
  const groups = firstByName(dag.taskGroups, (group) => group.groupId);
  const lineOfDag = () => lineOfName(source, dag.dagId);
  const groupsFrom = (groupId: string) => {
    const found: TaskGroupSpec[] = [];
    let group = groups.get(groupId);
    // One too many, so that a chain that is too deep (or a circle) can be told from a good one.
    while (group !== undefined && found.length <= GROUP_DEPTH_MAX) {
      found.push(group);
      group = groups.get(group.parentGroupId);
    }
    return found;
  };
  // A group's mapping is asked for by every task in it.
  const facts = new Map<MappingSpec, MappingFacts>();
  return {
    ...{ dag, limits, tasks, groups, groupsFrom },
    factsOf(mapping) {
      if (mapping === undefined) return undefined;
      const known = facts.get(mapping) ?? factsOf(mapping);
      facts.set(mapping, known);
      return known;
    },
    groupsAround: (task) => groupsFrom(task.taskGroupId),
    ofDag: (cause, named = '') => ({
      line: (named === '' ? undefined : lineOfName(source, named)) ?? lineOfDag(),
      cause: `DAG "${dag.dagId}" ${cause}`,
    }),
    ofTask: (task, cause) => ({
      line: task.sourceLine > 0 ? task.sourceLine : undefined,
      cause: `task "${task.taskId}" ${cause}`,
    }),
    ofGroup: (group, cause) => ({
      line: lineOfGroup(group, source) ?? lineOfDag(),
      cause: `group "${group.groupId}" ${cause}`,
    }),
  };
}

// A nested group stands in the file without the prefixes of those around it.
function lineOfGroup({ groupId }: TaskGroupSpec, source: DagSource): number | undefined {
  return (
    lineOfName(source, groupId) ?? lineOfName(source, groupId.slice(groupId.lastIndexOf('.') + 1))
  );
}

function firstByName<T>(all: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, T> {
  const byName = new Map<string, T>();
  for (const one of all) if (!byName.has(nameOf(one))) byName.set(nameOf(one), one);
  return byName;
}
