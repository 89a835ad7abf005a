// A task's arguments in a simulation: literals from its lease, and values that tasks before it
// pushed.
import type {
  AttemptLease,
  ValueReference,
  XComElement,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { instanceOf } from '../../core/instance.ts';
import type { Run } from '../../core/run/run.ts';
import { type Memory, RETURN_VALUE } from '../ledger/memory.ts';

/** The JSON object of all arguments, or why a task cannot have them. */
export type Arguments =
  | { readonly kind: 'found'; readonly inputsJson: string }
  | { readonly kind: 'problem'; readonly errorClass: string; readonly message: string };

type Source = { readonly run: Run; readonly memory: Memory };

/** The arguments of a lease. What no task has pushed is null. */
export function argumentsOf(lease: AttemptLease, source: Source): Arguments {
  const given: unknown = JSON.parse(lease.lease?.inputsJson || '{}');
  const inputs: Record<string, unknown> = isObject(given) ? { ...given } : {};
  // An element that functions are to change first stays whole.
  const isElementChanged = lease.lease?.inputTransforms.some(({ name }) => name === '');
  try {
    for (const { name, value } of lease.inputs) {
      const found = value === undefined ? undefined : valueOf(value, source);
      if (name !== '' || isElementChanged) inputs[name] = found ?? null;
      else Object.assign(inputs, fieldsOf(found));
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { kind: 'problem', errorClass: error.name, message: error.message };
  }
  return { kind: 'found', inputsJson: JSON.stringify(inputs) };
}

/** There is no such value. */
class Problem extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

function valueOf({ kind }: ValueReference, source: Source): unknown {
  switch (kind.case) {
    case 'valueJson':
      return JSON.parse(kind.value);
    case 'xcom':
      return elementOf(kind.value, source);
    case 'series': {
      const { taskId, key, mapIndexFrom: from, mapIndexTo: to } = kind.value;
      return valuesOfTask(source, taskId, key)
        .filter(({ mapIndex }) => mapIndex >= from && (to === 0 || mapIndex < to))
        .map(({ value }) => value);
    }
    case 'list':
      return kind.value.values.map((each) => valueOf(each, source) ?? null);
    default:
      return undefined;
  }
}

/** What the instances of a task pushed under a key, by map index. */
export function valuesOfTask({ run, memory }: Source, taskId: string, key: string) {
  const node = run.nodes[run.version.taskIndexes.get(taskId) ?? -1];
  return (node?.instances ?? []).flatMap((instance) => {
    const json = memory.valuesOf(instance).get(key || RETURN_VALUE);
    if (json === undefined) return [];
    return [{ mapIndex: instance.mapIndex, value: JSON.parse(json) as unknown }];
  });
}

function elementOf(place: XComElement, { run, memory }: Source): unknown {
  const { taskId, mapIndex, key, element, field } = place;
  const instance = instanceOf(run, taskId, mapIndex);
  const json = instance && memory.valuesOf(instance).get(key || RETURN_VALUE);
  const whole: unknown = json === undefined ? undefined : JSON.parse(json);
  const value = element === undefined ? whole : nth(whole, element);
  if (element !== undefined && value === undefined) throw notPushed(place);
  if (field === '') return value;
  return isObject(value) && Object.hasOwn(value, field) ? value[field] : null;
}

/** The element of a list, or the pair of an object. */
function nth(value: unknown, index: number): unknown {
  if (Array.isArray(value)) return (value as readonly unknown[])[index];
  return isObject(value) ? Object.entries(value)[index] : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new Problem(
    'UnmappableXComTypePushed',
    `the fields of an object were to be the arguments, but the element is ${JSON.stringify(value ?? null)}`,
  );
}

function notPushed({ taskId, mapIndex, element }: XComElement): Problem {
  const whose = mapIndex < 0 ? `task ${taskId}` : `task ${taskId}[${mapIndex}]`;
  return new Problem(
    'XComForMappingNotPushed',
    `${whose} has no element ${element} to map over (any more)`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
