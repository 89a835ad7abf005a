// Values of a declaration as JSON text, refusing what JSON would quietly lose.

/**
 * The JSON of a value that a DAG declares. Throws a sentence about `subject` when JSON cannot say
 * it.
 */
export function jsonOf(value: unknown, subject: string): string {
  const text = JSON.stringify(value, (key, part) => requireJson(key, part, subject));
  if (text === undefined) throw new TypeError(`${subject} is undefined, which JSON cannot say`);
  return text;
}

function requireJson(key: string, part: unknown, subject: string): unknown {
  const where = key === '' ? subject : `"${key}" of ${subject}`;
  if (typeof part === 'number' && !Number.isFinite(part)) {
    throw new TypeError(`${where} is ${part}, which JSON cannot say`);
  }
  if (typeof part === 'function' || typeof part === 'symbol' || typeof part === 'bigint') {
    throw new TypeError(`${where} is a ${typeof part}, which JSON cannot say`);
  }
  if (part instanceof Set || part instanceof Map) {
    throw new TypeError(`${where} is a ${part.constructor.name}, which JSON cannot say`);
  }
  if (isReference(part)) {
    throw new TypeError(
      `${where} is known only while the DAG runs; give it as an input of its own`,
    );
  }
  return part;
}

/** Outputs of tasks and arguments of groups stand for values, and only as a whole input. */
function isReference(part: unknown): boolean {
  if (typeof part !== 'object' || part === null || !('kind' in part)) return false;
  return part.kind === 'xcom' || part.kind === 'group_argument' || part.kind === 'elements';
}
