// Tasks and groups of which there are as many instances as there is data.
import type {
  MappingSourceSchema,
  MappingSpecSchema,
} from '../../gen/dagmesh/dag/v1/mapping_pb.ts';
import { DagError } from '../checks/dag-error.ts';
import type { AnyFunction, DagDraft, TaskDraft } from '../draft.ts';
import type { FieldsOf } from '../values/fields.ts';
import { type Mappable, type SourceDraft, sourceOf, tasksOf } from './xcom-arg.ts';

/** A mapping before its functions have the name of their file. */
export type MappingDraft =
  | {
      readonly kind: 'product';
      readonly parts: readonly { readonly name: string; readonly source: SourceDraft }[];
    }
  | { readonly kind: 'kwargs'; readonly source: SourceDraft };

/** What `expand` takes: by name, what each argument is mapped over. */
export type Expansion = { readonly [name: string]: Mappable };

/**
 * One instance for each combination of elements, the first argument varying slowest. Throws a
 * DagError when there is nothing to map over, or an argument is `given` already.
 */
export function productOf(
  subject: string,
  expansion: Expansion,
  given: readonly string[] = [],
): MappingDraft {
  const entries = Object.entries(expansion);
  if (entries.length === 0) {
    throw new DagError(`${subject} is expanded over nothing; name at least one argument`);
  }
  requireOnce(subject, Object.keys(expansion), given);
  return { kind: 'product', parts: entries.map(([name, of]) => ({ name, source: sourceOf(of) })) };
}

/** One instance for each element, whose fields are the arguments. Throws as `productOf` does. */
export function kwargsOf(
  subject: string,
  elements: unknown,
  given: readonly string[] = [],
): MappingDraft {
  const source = sourceOf(elements);
  if (source.kind === 'literal') {
    if (!Array.isArray(source.value)) {
      throw new DagError(`${subject} is expanded over arguments that are no list; give a list`);
    }
    source.value.forEach((element: unknown, index) => {
      if (typeof element !== 'object' || element === null || Array.isArray(element)) {
        throw new DagError(`${subject} is expanded over element ${index}, which is no object`);
      }
      requireOnce(subject, Object.keys(element), given);
    });
  }
  return { kind: 'kwargs', source };
}

/** The tasks whose results a mapping needs. Throws a DagError when one is of another DAG. */
export function tasksOfMapping(dag: DagDraft, mapping: MappingDraft): readonly TaskDraft[] {
  const sources =
    mapping.kind === 'kwargs' ? [mapping.source] : mapping.parts.map(({ source }) => source);
  const tasks = sources.flatMap(tasksOf);
  const strange = tasks.find((task) => task.dag !== dag);
  if (strange === undefined) return tasks;
  throw new DagError(
    `a task of DAG "${dag.dagId}" cannot be mapped over task "${strange.taskId}" of DAG ` +
      `"${strange.dag.dagId}"; mapping stays within one DAG`,
  );
}

/** The contract's form, once it is known under which names functions are found. */
export function mappingSpec(
  mapping: MappingDraft,
  handlerOf: (named: AnyFunction) => string,
): FieldsOf<typeof MappingSpecSchema> {
  const write = (source: SourceDraft) => sourceSpec(source, handlerOf);
  if (mapping.kind === 'kwargs') return { kind: { case: 'kwargs', value: write(mapping.source) } };
  const parts = mapping.parts.map(({ name, source }) => ({ name, source: write(source) }));
  return { kind: { case: 'product', value: { arguments: parts } } };
}

function sourceSpec(
  source: SourceDraft,
  handlerOf: (named: AnyFunction) => string,
): FieldsOf<typeof MappingSourceSchema> {
  const write = (part: SourceDraft) => sourceSpec(part, handlerOf);
  switch (source.kind) {
    case 'literal':
      return { kind: { case: 'valueJson', value: source.valueJson } };
    case 'task':
      return { kind: { case: 'taskId', value: source.task.taskId } };
    case 'zip': {
      const { parts, fillJson } = source;
      return { kind: { case: 'zip', value: { sources: parts.map(write), fillJson } } };
    }
    case 'concat':
      return { kind: { case: 'concat', value: { sources: source.parts.map(write) } } };
    case 'map': {
      const value = { source: write(source.of), handler: handlerOf(source.change) };
      return { kind: { case: 'map', value } };
    }
  }
}

function requireOnce(subject: string, names: readonly string[], given: readonly string[]): void {
  const twice = names.find((name) => given.includes(name));
  if (twice === undefined) return;
  throw new DagError(
    `${subject} gets the argument "${twice}" both from its inputs and from its expansion; ` +
      'remove one',
  );
}
