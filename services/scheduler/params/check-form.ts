// The form that somebody filled in beside an answer, checked against its JSON Schema.
import type { ValidateFunction } from 'ajv';
import type { HumanInputSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { compileSchema, parseObject, problemOf } from './json-object.ts';

/** Checks by the question they belong to; they go when the question does. */
const checks = new WeakMap<HumanInputSpec, ValidateFunction>();

/**
 * Throws `bad_answer` when what was filled in, over the form's own values, is not as the form says.
 */
export function checkForm(spec: HumanInputSpec, paramsJson: string): void {
  const given = parseObject(paramsJson);
  if (typeof given === 'string') throw fail('bad_answer', `the form ${given}; fill it in by name`);
  if (spec.paramsSchemaJson === '') return;
  const before = parseObject(spec.paramsJson);
  const form = { ...(typeof before === 'string' ? {} : before), ...given };
  const problem = problemOf(checkOf(spec), form, 'the form');
  if (problem !== undefined) throw fail('bad_answer', problem);
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
