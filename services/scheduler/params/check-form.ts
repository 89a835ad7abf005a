// The form that somebody filled in beside an answer: completed, and checked by its JSON Schema.
import type { ValidateFunction } from 'ajv';
import type { HumanInputSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { compileSchema, parseObject, problemOf } from './json-object.ts';

/** Checks by the question they belong to; they go when the question does. */
const checks = new WeakMap<HumanInputSpec, ValidateFunction>();

/**
 * The whole form as JSON: what was filled in, over the form's own values. Throws `bad_answer` when
 * it is not as the form says.
 */
export function filledForm(spec: HumanInputSpec, paramsJson: string): string {
  const given = parseObject(paramsJson);
  if (typeof given === 'string') throw fail('bad_answer', `the form ${given}; fill it in by name`);
  const before = parseObject(spec.paramsJson);
  const form = { ...(typeof before === 'string' ? {} : before), ...given };
  if (spec.paramsSchemaJson !== '') {
    const problem = problemOf(checkOf(spec), form, 'the form');
    if (problem !== undefined) throw fail('bad_answer', problem);
  }
  return spec.paramsJson === '' ? paramsJson : JSON.stringify(form);
}

function checkOf(spec: HumanInputSpec): ValidateFunction {
  const known = checks.get(spec);
  if (known !== undefined) return known;
  try {
    const check = compileSchema(spec.paramsSchemaJson);
    checks.set(spec, check);
    return check;
  } catch (cause) {
    throw fail('bad_answer', 'the schema of the form cannot be used; mend the DAG', { cause });
  }
}
