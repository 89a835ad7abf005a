// Mapped tasks and groups: how many instances there are, and which elements each of them gets.
import type { MappedArgument, MappingSource, MappingSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { elementsIn, fieldsIn } from './json-parts.ts';

/**
 * A mapping around a task: its own, or that of a group it belongs to. Instances of a task are
 * counted over all its levels, the innermost varying fastest.
 */
export type MappingLevel = {
  /** The group's id; the task's id for its own mapping. */
  readonly key: string;
  readonly isGroup: boolean;
  readonly plan: MappingPlan;
};

/** A mapping with its literals read. */
export type MappingPlan =
  | { readonly kind: 'product'; readonly parts: readonly NamedElements[] }
  | { readonly kind: 'kwargs'; readonly elements: Elements };

/** The elements of one argument. */
export type NamedElements = { readonly name: string; readonly elements: Elements };

/** Where elements come from. */
export type Elements =
  | { readonly kind: 'literal'; readonly values: readonly string[] }
  | { readonly kind: 'task'; readonly taskId: string }
  | { readonly kind: 'zip'; readonly parts: readonly Elements[]; readonly fillJson: string }
  | { readonly kind: 'concat'; readonly parts: readonly Elements[] }
  | { readonly kind: 'map'; readonly of: Elements; readonly handler: string };

/** How many elements a task returned; undefined when it is not known. */
export type LengthOfTask = (taskId: string) => number | undefined;

/** Reads a mapping's literals. Throws an Error with a sentence when there is nothing to map. */
export function compileMapping(spec: MappingSpec): MappingPlan {
  if (spec.kind.case === 'kwargs') {
    return { kind: 'kwargs', elements: compileSource(spec.kind.value) };
  }
  const parts = spec.kind.value?.arguments ?? [];
  return { kind: 'product', parts: parts.map(compileArgument) };
}

/** The tasks whose results a mapping needs before it can be expanded. */
export function sourcesOf(plan: MappingPlan): readonly string[] {
  const elements = plan.kind === 'kwargs' ? [plan.elements] : plan.parts.map((p) => p.elements);
  return elements.flatMap(tasksIn);
}

/** How many instances a mapping makes; undefined while that is not known. */
export function lengthOf(plan: MappingPlan, lengthOfTask: LengthOfTask): number | undefined {
  if (plan.kind === 'kwargs') return countOf(plan.elements, lengthOfTask);
  const counts = plan.parts.map(({ elements }) => countOf(elements, lengthOfTask));
  return combine(counts, (product, count) => product * count, 1);
}

/** The element of each argument that instance `index` gets: the first argument varies slowest. */
export function placesOf(
  plan: MappingPlan,
  index: number,
  lengthOfTask: LengthOfTask,
): readonly { readonly name: string; readonly elements: Elements; readonly at: number }[] {
  if (plan.kind === 'kwargs') return [{ name: '', elements: plan.elements, at: index }];
  let rest = index;
  return plan.parts
    .toReversed()
    .map(({ name, elements }) => {
      const count = Math.max(countOf(elements, lengthOfTask) ?? 1, 1);
      const at = rest % count;
      rest = Math.floor(rest / count);
      return { name, elements, at };
    })
    .toReversed();
}

/** How many elements there are; undefined while that is not known. */
export function countOf(elements: Elements, lengthOfTask: LengthOfTask): number | undefined {
  switch (elements.kind) {
    case 'literal':
      return elements.values.length;
    case 'task':
      return lengthOfTask(elements.taskId);
    case 'map':
      return countOf(elements.of, lengthOfTask);
    case 'concat': {
      const counts = elements.parts.map((part) => countOf(part, lengthOfTask));
      return combine(counts, (sum, count) => sum + count, 0);
    }
    case 'zip': {
      const counts = elements.parts.map((part) => countOf(part, lengthOfTask));
      const isLongest = elements.fillJson !== '';
      const pick = isLongest ? Math.max : Math.min;
      return combine(counts, pick, isLongest ? 0 : Number.POSITIVE_INFINITY);
    }
  }
}

/** What instance `index` is on each level, outermost first. */
export function levelIndexes(index: number, lengths: readonly number[]): readonly number[] {
  let rest = index;
  return lengths
    .toReversed()
    .map((length) => {
      const at = rest % length;
      rest = Math.floor(rest / length);
      return at;
    })
    .toReversed();
}

/** How many instances of a task there are for one instance of its first `depth` levels. */
export function spreadBelow(lengths: readonly number[], depth: number): number {
  return lengths.slice(depth).reduce((product, length) => product * length, 1);
}

function compileArgument({ name, source }: MappedArgument): NamedElements {
  return { name, elements: compileSource(source) };
}

function compileSource(source: MappingSource | undefined): Elements {
  const kind = source?.kind;
  switch (kind?.case) {
    case 'valueJson':
      return { kind: 'literal', values: literalElements(kind.value) };
    case 'taskId':
      return { kind: 'task', taskId: kind.value };
    case 'zip': {
      const { sources, fillJson } = kind.value;
      return { kind: 'zip', parts: sources.map(compileSource), fillJson };
    }
    case 'concat':
      return { kind: 'concat', parts: kind.value.sources.map(compileSource) };
    case 'map': {
      const { source: inner, handler } = kind.value;
      return { kind: 'map', of: compileSource(inner), handler };
    }
    default:
      throw new Error('a mapping has no elements to map over');
  }
}

/** The elements of a list, the pairs of an object. Throws an Error for anything else. */
function literalElements(json: string): readonly string[] {
  JSON.parse(json);
  const elements = elementsIn(json);
  if (elements !== undefined) return elements;
  const fields = fieldsIn(json);
  if (fields !== undefined) {
    return Array.from(fields, ([name, value]) => `[${JSON.stringify(name)},${value}]`);
  }
  throw new Error(`a mapping needs a list or an object, not ${json.slice(0, 50)}`);
}

function tasksIn(elements: Elements): readonly string[] {
  switch (elements.kind) {
    case 'literal':
      return [];
    case 'task':
      return [elements.taskId];
    case 'map':
      return tasksIn(elements.of);
    case 'zip':
    case 'concat':
      return elements.parts.flatMap(tasksIn);
  }
}

function combine(
  counts: readonly (number | undefined)[],
  join: (a: number, b: number) => number,
  first: number,
): number | undefined {
  let result = first;
  for (const count of counts) {
    if (count === undefined) return undefined;
    result = join(result, count);
  }
  return result;
}
