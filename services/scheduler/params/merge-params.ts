// A run's params: what the caller gave over the DAG's defaults, checked against each param's JSON
// Schema.
import type { ValidateFunction } from 'ajv';
import type { ParamSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { compileSchema, parseObject, problemOf } from './json-object.ts';

/** Checks by the param they belong to: they are made once, and go when the DAG's version goes. */
const checks = new WeakMap<ParamSpec, ValidateFunction>();

/**
 * The merged params as JSON. Throws `bad_params` with a sentence for the first param that is wrong.
 */
export function mergeParams(params: readonly ParamSpec[], confJson: string): string {
  const conf = parseObject(confJson);
  if (typeof conf === 'string') {
    throw fail('bad_params', `conf ${conf}: give an object, e.g. {"date": "2026-01-01"}`);
  }
  const merged: Record<string, unknown> = { ...conf };
  for (const param of params) {
    const value = Object.hasOwn(conf, param.name) ? conf[param.name] : defaultOf(param);
    if (value === undefined) {
      throw fail('bad_params', `param "${param.name}" has no default: give it a value`);
    }
    checkValue(param, value);
    merged[param.name] = value;
  }
  return JSON.stringify(merged);
}

function defaultOf(param: ParamSpec): unknown {
  return param.defaultJson === '' ? undefined : JSON.parse(param.defaultJson);
}

function checkValue(param: ParamSpec, value: unknown): void {
  if (param.schemaJson === '') return;
  const problem = problemOf(checkOf(param), value, `"${param.name}"`);
  if (problem !== undefined) throw fail('bad_params', `param ${problem}`);
}

function checkOf(param: ParamSpec): ValidateFunction {
  const known = checks.get(param);
  if (known !== undefined) return known;
  try {
    const check = compileSchema(param.schemaJson);
    checks.set(param, check);
    return check;
  } catch (cause) {
    const words = `the schema of param "${param.name}" cannot be used; mend the DAG`;
    throw fail('bad_params', words, { cause });
  }
}
