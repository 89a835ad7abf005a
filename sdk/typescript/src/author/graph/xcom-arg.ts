// Values that exist only while a DAG runs: what tasks will have pushed, and elements to map over.
import { DagError, declaring } from '../checks/dag-error.ts';
import { type AnyFunction, nameFunction, type TaskDraft } from '../draft.ts';
import { isGroupArgument } from './group-argument.ts';
import { jsonOf } from '../values/json-text.ts';
import type { JsonObject } from '../../json.ts';
import type { Task } from '../task.ts';

declare const produces: unique symbol;

/** A value that a task will have pushed by the time another one runs. */
export type XComArg<Value = unknown> = Produces<Value> &
  ElementChanges & { readonly kind: 'xcom'; readonly task: Task; readonly key: string };

/** Elements to map over, made of what tasks returned; nothing else can be done with them. */
export type Elements<Element = unknown> = Produces<readonly Element[]> &
  ElementChanges & { readonly kind: 'elements' };

/** What can be mapped over: a list, an object (as pairs), a task's output, or made of these. */
export type Mappable<Element = unknown> =
  | readonly Element[]
  | JsonObject
  | XComArg<readonly Element[]>
  | Elements<Element>;

/** What is left of a value when it is mapped over. */
export type ElementOf<Value> = Value extends readonly (infer Element)[]
  ? Element
  : Value extends { readonly kind: string; readonly [produces]?: infer Inner }
    ? ElementOf<Inner>
    : Value extends object
      ? readonly [string, Value[keyof Value]]
      : unknown;

/** Changes of elements before a task is mapped over them. */
export type ElementChanges = {
  /**
   * Each element changed by a function, which runs on the worker of the mapped task; one that
   * throws SkipTask skips that instance. Not for values of keys other than `return_value`.
   */
  map<Value, Changed>(
    this: Produces<Value>,
    change: (element: ElementOf<Value>) => Changed,
  ): Elements<Awaited<Changed>>;
  /** Elements side by side, as lists; as many as the shortest has. */
  zip<Value, Others extends readonly Mappable[]>(
    this: Produces<Value>,
    ...others: Others
  ): Elements<Zipped<ElementOf<Value>, Others>>;
  /** Elements side by side; as many as the longest has, with `fill` where one is too short. */
  zipLongest<Value, Others extends readonly Mappable[]>(
    this: Produces<Value>,
    fill: unknown,
    ...others: Others
  ): Elements<Zipped<ElementOf<Value>, Others>>;
  /** These elements, then those of the others. */
  concat<Value, Others extends readonly Mappable[]>(
    this: Produces<Value>,
    ...others: Others
  ): Elements<ElementOf<Value> | ElementOf<Others[number]>>;
};

/** What the compiler knows of a value that does not exist yet. */
type Produces<Value> = { readonly [produces]?: Value };

type Zipped<Element, Others extends readonly Mappable[]> = readonly [
  Element,
  ...{ readonly [Index in keyof Others]: ElementOf<Others[Index]> },
];

/** Where elements come from. */
export type SourceDraft =
  | { readonly kind: 'literal'; readonly valueJson: string; readonly value: object }
  | { readonly kind: 'task'; readonly task: TaskDraft }
  | { readonly kind: 'zip'; readonly parts: readonly SourceDraft[]; readonly fillJson: string }
  | { readonly kind: 'concat'; readonly parts: readonly SourceDraft[] }
  | { readonly kind: 'map'; readonly of: SourceDraft; readonly change: AnyFunction };

const RETURN_VALUE = 'return_value';
const KEY_LENGTH_MAX = 512;
const DRAFTS = new WeakMap<object, TaskDraft>();
const SOURCES = new WeakMap<object, SourceDraft>();

/** A value that a task pushes under a key. */
export function xcomOf<Value>(task: Task, draft: TaskDraft, key = RETURN_VALUE): XComArg<Value> {
  if (key.length < 1 || key.length > KEY_LENGTH_MAX) {
    throw new DagError(
      `an XCom key has 1 to ${KEY_LENGTH_MAX} characters; this one has ${key.length}`,
    );
  }
  const made: XComArg<Value> = {
    kind: 'xcom',
    task,
    key,
    ...changesOf(() => sourceOf(made)),
  };
  DRAFTS.set(made, draft);
  return made;
}

/** Whether a value is the output of a task. */
export function isXComArg(value: unknown): value is XComArg {
  return typeof value === 'object' && value !== null && DRAFTS.has(value);
}

/** The task behind an output. */
export function draftOfXCom(xcom: XComArg): TaskDraft {
  const draft = DRAFTS.get(xcom);
  if (draft === undefined) throw new DagError('this is the output of no task');
  return draft;
}

/** Whether a value is made of outputs, for mapping over. */
export function isElements(value: unknown): value is Elements {
  return typeof value === 'object' && value !== null && SOURCES.has(value);
}

/** Where the elements of a value come from. Throws a DagError for what cannot be mapped over. */
export function sourceOf(value: unknown): SourceDraft {
  if (isXComArg(value)) {
    if (value.key === RETURN_VALUE) return { kind: 'task', task: draftOfXCom(value) };
    throw new DagError(
      `the value "${value.key}" of task "${value.task.taskId}" cannot be mapped over; ` +
        'only what a task returns can',
    );
  }
  const made = typeof value === 'object' && value !== null ? SOURCES.get(value) : undefined;
  if (made !== undefined) return made;
  if (!Array.isArray(value) && !isPlainObject(value)) {
    throw new DagError(
      `${nameOf(value)} cannot be mapped over; give a list, an object or the output of a task`,
    );
  }
  const valueJson = declaring('mapping', () => jsonOf(value, 'what is mapped over'));
  return { kind: 'literal', value, valueJson };
}

/** The tasks whose results a source needs. */
export function tasksOf(source: SourceDraft): readonly TaskDraft[] {
  switch (source.kind) {
    case 'literal':
      return [];
    case 'task':
      return [source.task];
    case 'map':
      return tasksOf(source.of);
    case 'zip':
    case 'concat':
      return source.parts.flatMap(tasksOf);
  }
}

function changesOf(source: () => SourceDraft): ElementChanges {
  const withOthers = (others: readonly Mappable[]) => [source(), ...others.map(sourceOf)];
  return {
    map: (change) => elementsOf(mapped(source(), change as AnyFunction)),
    zip: (...others) => elementsOf({ kind: 'zip', parts: withOthers(others), fillJson: '' }),
    zipLongest: (fill, ...others) => {
      const fillJson = declaring('zipLongest', () => jsonOf(fill ?? null, 'the filling'));
      return elementsOf({ kind: 'zip', parts: withOthers(others), fillJson });
    },
    concat: (...others) => elementsOf({ kind: 'concat', parts: withOthers(others) }),
  };
}

function mapped(of: SourceDraft, change: AnyFunction): SourceDraft {
  if (typeof change !== 'function') throw new DagError('map() takes a function');
  const [task] = tasksOf(of);
  if (task !== undefined) nameFunction(task.dag, 'map', change);
  return { kind: 'map', of, change };
}

function elementsOf<Element>(source: SourceDraft): Elements<Element> {
  const made: Elements<Element> = { kind: 'elements', ...changesOf(() => source) };
  SOURCES.set(made, source);
  return made;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || isGroupArgument(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (isGroupArgument(value)) return 'an argument of a group';
  if (typeof value === 'object' && value !== null) return `a ${value.constructor.name}`;
  return value === undefined || value === null ? String(value) : `a ${typeof value}`;
}
