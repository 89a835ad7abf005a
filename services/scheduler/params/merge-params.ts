// A run's params: what the caller gave over the DAG's defaults, checked against each param's JSON
// Schema.
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ParamSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { fail } from '#kernel/errors/errors.ts';

/** Names that would reach into objects instead of naming a param. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Checks by the param they belong to: they are made once, and go when the DAG's version goes. */
const checks = new WeakMap<ParamSpec, ValidateFunction>();

/**
 * The merged params as JSON. Throws `bad_params` with a sentence for the first param that is wrong.
 */
export function mergeParams(params: readonly ParamSpec[], confJson: string): string {
  const conf = parseObject(confJson);
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

function parseObject(json: string): Record<string, unknown> {
  if (json === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw fail('bad_params', 'conf is not JSON: give an object, e.g. {"date": "2026-01-01"}', {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('bad_params', 'conf must be a JSON object, e.g. {"date": "2026-01-01"}');
  }
  const forbidden = Object.keys(value).find((key) => FORBIDDEN.has(key));
  if (forbidden !== undefined) throw fail('bad_params', `no param may be called "${forbidden}"`);
  return { ...value };
}

function defaultOf(param: ParamSpec): unknown {
  return param.defaultJson === '' ? undefined : JSON.parse(param.defaultJson);
}

function checkValue(param: ParamSpec, value: unknown): void {
  if (param.schemaJson === '') return;
  const check = checkOf(param);
  if (check(value)) return;
  const reasons = new Ajv2020().errorsText(check.errors, { dataVar: `"${param.name}"` });
  throw fail('bad_params', `param ${reasons}`);
}

/** Each has a compiler of its own: a shared one keeps every schema, and refuses one seen before. */
function checkOf(param: ParamSpec): ValidateFunction {
  const known = checks.get(param);
  if (known !== undefined) return known;
  try {
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    addFormats.default(ajv);
    const check = ajv.compile(JSON.parse(param.schemaJson));
    checks.set(param, check);
    return check;
  } catch (cause) {
    const words = `the schema of param "${param.name}" cannot be used; mend the DAG`;
    throw fail('bad_params', words, { cause });
  }
}
