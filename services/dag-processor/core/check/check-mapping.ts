// Mapped tasks and groups: over what exists and can be mapped over, with each argument once.
import type { TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { MappingSource, MappingSpec, TaskGroupSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { readJson, UNSAFE_KEYS } from './check-json.ts';
import type { Check, DagView } from './dag-view.ts';
import { topSources, withParts } from './mapping-sources.ts';
import { didYouMean } from '../nearest.ts';

/** What is wrong with mappings, and with the group arguments that they give. */
export const checkMapping: Check = function* (view) {
  for (const group of view.dag.taskGroups) {
    for (const cause of groupCauses(group, view)) yield view.ofGroup(group, cause);
  }
  for (const task of view.dag.tasks) {
    for (const cause of taskCauses(task, view)) yield view.ofTask(task, cause);
  }
};

function* groupCauses(group: TaskGroupSpec, view: DagView): Iterable<string> {
  if (group.mapping === undefined) return;
  yield* mappingCauses(group.mapping, view);
  for (const taskId of view.factsOf(group.mapping)?.taskIds ?? []) {
    const task = view.tasks.get(taskId);
    if (task === undefined || !view.groupsAround(task).includes(group)) continue;
    yield `is mapped over "${taskId}", which is inside it; map it over a task outside`;
  }
  yield* tooManyCauses(view.groupsFrom(group.groupId), 1, view);
}

function* taskCauses(task: TaskSpec, view: DagView): Iterable<string> {
  yield* groupArgumentCauses(task, view);
  if (task.mapping === undefined) return;
  yield* mappingCauses(task.mapping, view);
  const facts = view.factsOf(task.mapping);
  if (facts?.taskIds.includes(task.taskId)) {
    yield 'is mapped over its own result; map it over an upstream task';
  }
  const inputs = new Set(task.inputs.map(({ name }) => name));
  for (const name of facts?.argumentNames ?? []) {
    if (inputs.has(name)) {
      yield `gets the argument "${name}" both from inputs and from its mapping; remove one`;
    }
  }
  yield* tooManyCauses(view.groupsAround(task), facts?.knownInstances ?? 1, view);
}

function* mappingCauses(mapping: MappingSpec, view: DagView): Iterable<string> {
  const { kind } = mapping;
  if (kind.case === 'product') {
    const names = new Set<string>();
    for (const { name } of kind.value.arguments) {
      if (names.has(name)) yield `is mapped over the argument "${name}" twice; remove one`;
      if (UNSAFE_KEYS.has(name)) yield `is mapped over "${name}", a reserved name; rename it`;
      names.add(name);
    }
  }
  for (const source of topSources(mapping)) {
    for (const part of withParts(source)) yield* sourceCauses(part, view);
    if (kind.case === 'kwargs') yield* kwargsCauses(source);
  }
}

function* sourceCauses({ kind }: MappingSource, view: DagView): Iterable<string> {
  if (kind.case === 'taskId') {
    const task = view.tasks.get(kind.value);
    if (task === undefined) {
      const hint = didYouMean(kind.value, view.tasks.keys());
      yield `is mapped over "${kind.value}", which is no task of this DAG${hint}`;
    } else if (task.dropsResult) {
      yield `is mapped over "${kind.value}", which does not keep its result; let it keep it`;
    }
  }
  if (kind.case === 'zip' && kind.value.fillJson !== '') {
    const filling = readJson(kind.value.fillJson);
    if (filling.kind === 'bad') yield `is mapped over a zip whose filling ${filling.cause}`;
  }
  if (kind.case !== 'valueJson') return;
  const reading = readJson(kind.value);
  if (reading.kind === 'bad') yield `is mapped over a value that ${reading.cause}`;
  else if (typeof reading.value !== 'object' || reading.value === null) {
    yield `is mapped over ${shown(kind.value)}; only a list, an object or a task's result can be mapped over`;
  }
}

// Elements that a task or a function makes are looked at when they are there.
function* kwargsCauses({ kind }: MappingSource): Iterable<string> {
  if (kind.case !== 'valueJson') return;
  const reading = readJson(kind.value);
  if (reading.kind === 'bad') return;
  if (!Array.isArray(reading.value)) {
    yield 'is mapped over keyword arguments that are no list; give a list of objects';
    return;
  }
  const at = reading.value.findIndex((element) => !isRecord(element));
  if (at >= 0) {
    yield `is mapped over keyword arguments whose element ${at} is no object; give a list of objects`;
  }
}

function* groupArgumentCauses(task: TaskSpec, view: DagView): Iterable<string> {
  for (const { name, source } of task.inputs) {
    if (source.case !== 'groupArgument') continue;
    const { groupId, name: argument } = source.value;
    const input = `has an input "${name}" from group "${groupId}"`;
    const around = view.groupsAround(task);
    const group = around.find((each) => each.groupId === groupId);
    if (group === undefined) {
      const known = around.map((each) => each.groupId);
      yield `${input}, which is not around it${didYouMean(groupId, known)}`;
    } else if (group.mapping === undefined) {
      yield `${input}, which is not mapped; expand the group`;
    }
    // The fields of elements that a task makes are not known yet.
    const names = view.factsOf(group?.mapping)?.argumentNames;
    if (names !== undefined && !names.includes(argument)) {
      const hint = didYouMean(argument, names);
      yield `${input}, whose mapping has no argument "${argument}"${hint}`;
    }
  }
}

function* tooManyCauses(
  around: readonly TaskGroupSpec[],
  own: number,
  { limits, factsOf }: DagView,
): Iterable<string> {
  const count = around.reduce(
    (product, { mapping }) => product * (factsOf(mapping)?.knownInstances ?? 1),
    own,
  );
  if (count <= limits.mappedInstancesMax) return;
  yield `would have ${count} instances; at most ${limits.mappedInstancesMax} are allowed, so map it over less`;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(json: string): string {
  return json.length > 40 ? `${json.slice(0, 40)}…` : json;
}
