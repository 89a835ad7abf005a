// The values a run may be triggered with: a JSON Schema each, with the default inside it.
import { create } from '@bufbuild/protobuf';
import { type ParamSpec, ParamSpecSchema } from '../../gen/dagmesh/dag/v1/dag_pb.ts';
import type { JsonObject, JsonValue } from '../../json.ts';
import { jsonOf } from '../values/json-text.ts';

/** A param with its schema, made by `param`. */
export type Param = { readonly schema: JsonObject };

/** Tells a schema apart from a plain default that happens to look like one. */
const MADE_BY_PARAM = new WeakSet<object>();

/** The params of a DAG by name: a schema from `param`, or a plain default of any type. */
export type ParamOptions = { readonly [name: string]: Param | JsonValue };

/**
 * A param described by a JSON Schema (draft 2020-12), e.g. `param({ type: 'integer', default: 10,
 * minimum: 1 })`. Its `default` is the value of runs that give none; without one the value is
 * required. `description` is for people.
 */
export function param(schema: JsonObject): Param {
  const made = { schema };
  MADE_BY_PARAM.add(made);
  return made;
}

/** The contract's form of a DAG's params. */
export function paramSpecs(options: ParamOptions): ParamSpec[] {
  return Object.entries(options).map(([name, option]) =>
    create(ParamSpecSchema, isParam(option) ? fromSchema(name, option) : fromDefault(name, option)),
  );
}

function fromSchema(name: string, { schema }: Param) {
  const { default: initial, description, ...rules } = schema;
  return {
    name,
    defaultJson: initial === undefined ? '' : jsonOf(initial, `the default of param ${name}`),
    schemaJson: Object.keys(rules).length === 0 ? '' : jsonOf(rules, `the schema of param ${name}`),
    description: typeof description === 'string' ? description : '',
  };
}

function fromDefault(name: string, initial: JsonValue) {
  return { name, defaultJson: jsonOf(initial, `the default of param ${name}`) };
}

function isParam(option: Param | JsonValue): option is Param {
  return typeof option === 'object' && option !== null && MADE_BY_PARAM.has(option);
}
