// A task's arguments: literals from the scheduler, and values that tasks before it pushed.
//
// Values are put together as text, so that numbers of any size and the order of keys survive.
import type {
  InputReference,
  ValueReference,
  XComElement,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fieldText } from './elements.ts';
import { LEASE_SIZE_MAX } from './limits.ts';
import { RETURN_VALUE, type ValuePlace, type XComPlace, type XComValues } from './xcom-values.ts';

/** The JSON object of all arguments, or why a task cannot have them. */
export type ComposedInputs =
  | { readonly kind: 'composed'; readonly inputsJson: string }
  | InputProblem;

/** Why there are no arguments. */
export type InputProblem = {
  readonly kind: 'problem';
  /** In the words of the field, e.g. `XComForMappingNotPushed`. */
  readonly errorClass: string;
  /** For a person. */
  readonly sentence: string;
};

/** The places that must be read for these inputs of a run. */
export function placesOf(dagRunId: string, inputs: readonly InputReference[]): XComPlace[] {
  return inputs.flatMap(({ value }) => (value === undefined ? [] : placesIn(dagRunId, value)));
}

function placesIn(dagRunId: string, { kind }: ValueReference): XComPlace[] {
  switch (kind.case) {
    case 'xcom':
      return [valuePlace(dagRunId, kind.value)];
    case 'series': {
      const { taskId, key, mapIndexFrom: from, mapIndexTo: to } = kind.value;
      return [{ kind: 'series', dagRunId, taskId, key: key || RETURN_VALUE, from, to }];
    }
    case 'list':
      return kind.value.values.flatMap((each) => placesIn(dagRunId, each));
    default:
      return [];
  }
}

function valuePlace(dagRunId: string, xcom: XComElement): ValuePlace {
  const { taskId, mapIndex, key, element } = xcom;
  return { kind: 'value', dagRunId, taskId, mapIndex, key: key || RETURN_VALUE, element };
}

/**
 * The literals with all inputs. What no task has pushed is null; an element to map over that is not
 * there (any more) is a problem, and so are values that together are more than a lease may carry.
 */
export function composeInputs(
  literalsJson: string,
  of: {
    readonly dagRunId: string;
    readonly inputs: readonly InputReference[];
    readonly values: XComValues;
    /** True: the element of mapped keyword arguments stays whole, as the input named `""`. */
    readonly isElementChanged?: boolean;
  },
): ComposedInputs {
  const members = [membersOf(literalsJson)];
  const source = { ...of, lengthLeft: LEASE_SIZE_MAX };
  for (const { name, value } of of.inputs) {
    const found = value === undefined ? NOTHING : resolve(value, source);
    if (found.kind === 'problem') return found;
    if (name !== '' || of.isElementChanged) {
      members.push(`${JSON.stringify(name)}:${found.json ?? 'null'}`);
      continue;
    }
    const json = found.json?.trim() ?? 'null';
    if (!json.startsWith('{')) return notAnObject(json);
    members.push(membersOf(json));
  }
  const inputsJson = `{${members.filter((member) => member !== '').join(',')}}`;
  return { kind: 'composed', inputsJson };
}

type Found = { readonly kind: 'found'; readonly json: string | undefined };

/** What values are taken from, and how many characters of them a lease still has room for. */
type Source = {
  readonly dagRunId: string;
  readonly values: XComValues;
  lengthLeft: number;
};

const NOTHING: Found = { kind: 'found', json: undefined };

function resolve(reference: ValueReference, source: Source): Found | InputProblem {
  const { kind } = reference;
  const [place] = kind.case === 'list' ? [] : placesIn(source.dagRunId, reference);
  if (place !== undefined && source.values.isTooLarge(place)) return tooLarge();
  switch (kind.case) {
    case 'valueJson':
      return take(source, kind.value);
    case 'xcom': {
      const json = source.values.value(valuePlace(source.dagRunId, kind.value));
      const { field } = kind.value;
      const wanted = field === '' || json === undefined ? json : (fieldText(json, field) ?? 'null');
      if (wanted !== undefined) return take(source, wanted);
      return kind.value.element === undefined ? NOTHING : notPushed(kind.value);
    }
    case 'series':
      return place?.kind === 'series' ? takeList(source, source.values.series(place)) : NOTHING;
    case 'list': {
      const parts: string[] = [];
      for (const each of kind.value.values) {
        const part = resolve(each, source);
        if (part.kind === 'problem') return part;
        parts.push(part.json ?? 'null');
      }
      return { kind: 'found', json: `[${parts.join(',')}]` };
    }
    default:
      return NOTHING;
  }
}

function take(source: Source, json: string): Found | InputProblem {
  source.lengthLeft -= json.length;
  return source.lengthLeft < 0 ? tooLarge() : { kind: 'found', json };
}

function takeList(source: Source, values: readonly string[]): Found | InputProblem {
  source.lengthLeft -= values.reduce((sum, { length }) => sum + length, 0);
  return source.lengthLeft < 0 ? tooLarge() : { kind: 'found', json: `[${values.join(',')}]` };
}

/** What stands between the braces of an object. */
function membersOf(objectJson: string): string {
  return objectJson.trim().slice(1, -1).trim();
}

function notPushed({ taskId, mapIndex, element }: XComElement): InputProblem {
  const whose = mapIndex < 0 ? `task ${taskId}` : `task ${taskId}[${mapIndex}]`;
  return {
    kind: 'problem',
    errorClass: 'XComForMappingNotPushed',
    sentence: `${whose} has no element ${element} to map over (any more); clear it and what follows`,
  };
}

function notAnObject(json: string): InputProblem {
  const shown = json.length > 100 ? `${json.slice(0, 100)}…` : json;
  return {
    kind: 'problem',
    errorClass: 'UnmappableXComTypePushed',
    sentence: `the fields of an object were to be the arguments, but the element is ${shown}`,
  };
}

function tooLarge(): InputProblem {
  return {
    kind: 'problem',
    errorClass: 'LimitExceeded',
    sentence: `the arguments have more than ${LEASE_SIZE_MAX} bytes; pass references instead`,
  };
}
