// What mapped tasks and groups are mapped over: the leaves of their sources, and their lengths.
import type { MappingSource, MappingSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';

/** The sources that a mapping names directly. */
export function topSources(mapping: MappingSpec): readonly MappingSource[] {
  const { kind } = mapping;
  if (kind.case === 'kwargs') return [kind.value];
  if (kind.case !== 'product') return [];
  return kind.value.arguments.flatMap(({ source }) => (source === undefined ? [] : [source]));
}

/** A source and all sources that it is made of. */
export function* withParts(source: MappingSource): Iterable<MappingSource> {
  yield source;
  for (const part of partsOf(source)) yield* withParts(part);
}

/** What can be said of a mapping before any task has run. */
export type MappingFacts = {
  /** The tasks whose results it needs, each once. */
  readonly taskIds: readonly string[];
  /** Instances it makes for sure: the product of the lengths that are known. */
  readonly knownInstances: number;
  /** The arguments it gives; undefined when tasks or functions make them. */
  readonly argumentNames: readonly string[] | undefined;
};

/** The facts of a mapping; literals that cannot be read count as unknown. */
export function factsOf(mapping: MappingSpec): MappingFacts {
  return {
    taskIds: mappedTaskIds(mapping),
    knownInstances: topSources(mapping).reduce(
      (count, source) => count * (lengthOf(source) ?? 1),
      1,
    ),
    argumentNames: argumentNames(mapping),
  };
}

/** The tasks whose results a mapping needs, each once. */
export function mappedTaskIds(mapping: MappingSpec): readonly string[] {
  const taskIds = new Set<string>();
  for (const source of topSources(mapping)) {
    for (const { kind } of withParts(source)) if (kind.case === 'taskId') taskIds.add(kind.value);
  }
  return [...taskIds];
}

function argumentNames({ kind }: MappingSpec): readonly string[] | undefined {
  if (kind.case === 'product') return kind.value.arguments.map(({ name }) => name);
  if (kind.case !== 'kwargs' || kind.value.kind.case !== 'valueJson') return undefined;
  const elements = literal(kind.value.kind.value);
  if (!Array.isArray(elements)) return [];
  return [...new Set(elements.filter(isNested).flatMap(Object.keys))];
}

function lengthOf(source: MappingSource): number | undefined {
  const { kind } = source;
  switch (kind.case) {
    case 'valueJson':
      return literalLength(kind.value);
    case 'zip': {
      const lengths = kind.value.sources.map(lengthOf).filter((length) => length !== undefined);
      if (kind.value.fillJson !== '') return Math.max(0, ...lengths);
      return lengths.length < kind.value.sources.length ? undefined : Math.min(...lengths);
    }
    case 'concat':
      return kind.value.sources.reduce((sum, part) => sum + (lengthOf(part) ?? 0), 0);
    case 'map':
      return kind.value.source === undefined ? undefined : lengthOf(kind.value.source);
    default:
      return undefined;
  }
}

function literalLength(text: string): number | undefined {
  const value = literal(text);
  return isNested(value) ? Object.keys(value).length : undefined;
}

function literal(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function partsOf({ kind }: MappingSource): readonly MappingSource[] {
  if (kind.case === 'zip' || kind.case === 'concat') return kind.value.sources;
  return kind.case === 'map' && kind.value.source !== undefined ? [kind.value.source] : [];
}
