// The arguments of an instance that are read from elsewhere: where each of them is to be found.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type {
  InputReferenceSchema,
  ValueReferenceSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { type InputTransform, InputTransformSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { TaskInput } from '../graph/task.ts';
import { returnedIndexes, returnedLength } from './expand.ts';
import type { Instance } from '../instance.ts';
import { fieldsIn } from './json-parts.ts';
import { countOf, type Elements, levelIndexes, type MappingLevel, placesOf } from './mapping.ts';
import { relevantSpan } from '../graph/relevant.ts';

type Reference = MessageInitShape<typeof ValueReferenceSchema>;

/** Functions for a part of an argument, innermost first. */
type Transform = {
  readonly path: readonly number[];
  readonly handlers: readonly string[];
  /** The field of what they give that is meant; empty means all of it. */
  readonly field: string;
};

/** Where the arguments of an instance are, and what the worker does with them first. */
export type Inputs = {
  readonly inputs: readonly MessageInitShape<typeof InputReferenceSchema>[];
  readonly transforms: readonly InputTransform[];
};

/** An argument with what is done to its parts. */
type Found = { readonly value: Reference; readonly transforms: readonly Transform[] };

/** The arguments of an instance beside its literals. */
export function inputsOf(instance: Instance): Inputs {
  const { task } = instance;
  const own = task.levels.at(-1);
  const found = [
    ...task.inputs.map((input) => ({ name: input.name, ...findInput(instance, input) })),
    ...(own === undefined || own.isGroup ? [] : findOwn(instance, own)),
  ];
  return {
    inputs: found.map(({ name, value }) => ({ name, value })),
    transforms: found.flatMap(({ name, transforms }) =>
      transforms.map(({ path, handlers, field }) =>
        create(InputTransformSchema, { name, path: [...path], handlers: [...handlers], field }),
      ),
    ),
  };
}

function findInput(instance: Instance, input: TaskInput): Found {
  if (input.kind === 'group') return findGroupArgument(instance, input);
  return { value: xcomOf(instance, input.taskId, input.key), transforms: [] };
}

/** What another task pushed: that of the counterpart, or of all its instances. */
function xcomOf(instance: Instance, taskId: string, key: string): Reference {
  const { run, task } = instance;
  const index = run.version.taskIndexes.get(taskId) ?? -1;
  const other = run.version.tasks[index];
  if (other === undefined || other.levels.length === 0) return element(taskId, -1, key);
  const relation = task.above.find((each) => each.index === index) ?? { index, depth: 0 };
  const { from, to } = relevantSpan(instance, relation);
  if (relation.depth === other.levels.length && to - from === 1) return element(taskId, from, key);
  const isAll = relation.depth === 0;
  const span = isAll ? {} : { mapIndexFrom: from, mapIndexTo: to };
  return { kind: { case: 'series', value: { taskId, key, ...span } } };
}

/** The arguments of the task's own mapping. */
function findOwn(instance: Instance, level: MappingLevel): ({ readonly name: string } & Found)[] {
  return placesAt(instance, level).map(({ name, elements, at }) => ({
    name,
    ...findElement(instance, elements, at),
  }));
}

function findGroupArgument(
  instance: Instance,
  input: Extract<TaskInput, { kind: 'group' }>,
): Found {
  const level = instance.task.levels.find(({ key }) => key === input.groupId);
  const places = level === undefined ? [] : placesAt(instance, level);
  const [first] = places;
  if (level?.plan.kind === 'kwargs' && first !== undefined) {
    return fieldOf(findElement(instance, first.elements, first.at), input.argument);
  }
  const place = places.find(({ name }) => name === input.argument);
  if (place === undefined) return { value: literal('null'), transforms: [] };
  return findElement(instance, place.elements, place.at);
}

function placesAt(instance: Instance, level: MappingLevel) {
  const { node, run, task } = instance;
  const depth = task.levels.indexOf(level);
  const index = levelIndexes(Math.max(instance.mapIndex, 0), node.lengths ?? [])[depth] ?? 0;
  return placesOf(level.plan, index, (taskId) => returnedLength(run, taskId));
}

function findElement(instance: Instance, elements: Elements, at: number): Found {
  const lengthOfTask = (taskId: string) => returnedLength(instance.run, taskId);
  switch (elements.kind) {
    case 'literal':
      return { value: literal(elements.values[at] ?? 'null'), transforms: [] };
    case 'task':
      return { value: elementOfTask(instance, elements.taskId, at), transforms: [] };
    case 'map': {
      const inner = findElement(instance, elements.of, at);
      return { value: inner.value, transforms: thenApply(inner.transforms, elements.handler) };
    }
    case 'concat': {
      let rest = at;
      for (const part of elements.parts) {
        const count = countOf(part, lengthOfTask) ?? 0;
        if (rest < count) return findElement(instance, part, rest);
        rest -= count;
      }
      return { value: literal('null'), transforms: [] };
    }
    case 'zip': {
      const found = elements.parts.map((part): Found => {
        const isThere = at < (countOf(part, lengthOfTask) ?? 0);
        if (isThere) return findElement(instance, part, at);
        return { value: literal(elements.fillJson || 'null'), transforms: [] };
      });
      return {
        value: { kind: { case: 'list', value: { values: found.map(({ value }) => value) } } },
        transforms: found.flatMap(({ transforms }, place) =>
          transforms.map((each) => ({ ...each, path: [place, ...each.path] })),
        ),
      };
    }
  }
}

/** The element of a list that one instance returned, or what the n-th instance returned. */
function elementOfTask({ run }: Instance, taskId: string, at: number): Reference {
  const node = run.nodes[run.version.taskIndexes.get(taskId) ?? -1];
  const isMapped = node !== undefined && node.task.levels.length > 0;
  if (isMapped) return element(taskId, returnedIndexes(node)[at] ?? at, 'return_value');
  const value = { taskId, mapIndex: -1, key: 'return_value', element: at };
  return { kind: { case: 'xcom', value } };
}

/** The functions of a part are applied innermost first: one more goes to the end of its list. */
function thenApply(transforms: readonly Transform[], handler: string): readonly Transform[] {
  const whole = transforms.find(({ path }) => path.length === 0);
  if (whole === undefined) return [...transforms, { path: [], handlers: [handler], field: '' }];
  const rest = transforms.filter((each) => each !== whole);
  return [...rest, { path: [], handlers: [...whole.handlers, handler], field: '' }];
}

/** A field of an element; functions get the whole element before. */
function fieldOf({ value, transforms }: Found, field: string): Found {
  if (transforms.length > 0) {
    const ofWhole = ({ path }: Transform) => path.length === 0;
    const marked = transforms.map((each) => (ofWhole(each) ? { ...each, field } : each));
    return { value, transforms: marked };
  }
  if (value.kind?.case === 'valueJson') {
    return { value: literal(fieldsIn(value.kind.value)?.get(field) ?? 'null'), transforms };
  }
  if (value.kind?.case !== 'xcom') return { value, transforms };
  return { value: { kind: { case: 'xcom', value: { ...value.kind.value, field } } }, transforms };
}

function element(taskId: string, mapIndex: number, key: string): Reference {
  return { kind: { case: 'xcom', value: { taskId, mapIndex, key } } };
}

function literal(valueJson: string): Reference {
  return { kind: { case: 'valueJson', value: valueJson } };
}
