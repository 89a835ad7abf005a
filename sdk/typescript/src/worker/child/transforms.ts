// Changes of arguments by functions of the author, before a task gets them.
import type { JsonObject, JsonValue } from '../../json.ts';
import type { InputTransform } from '../ipc.ts';

/** Calls a function of the author, by its handler. */
export type Change = (handler: string, value: JsonValue) => Promise<JsonValue>;

/** An element of mapped keyword arguments stands under this name until it is an object. */
const ELEMENT = '';

/**
 * The arguments with every change made, in order. Rejects with what a function throws, and with a
 * TypeError where there is nothing to change.
 */
export async function transformed(
  inputs: JsonObject,
  transforms: readonly InputTransform[],
  change: Change,
): Promise<JsonObject> {
  const whole: { [name: string]: JsonValue } = { ...inputs };
  for (const { name, handlers, path, field } of transforms) {
    const isWhole = name === ELEMENT && !Object.hasOwn(whole, ELEMENT);
    const before = isWhole ? { ...whole } : whole[name];
    if (before === undefined) throw new TypeError(`there is no argument "${name}" to change`);
    const after = await changedAt(before, path, async (value) => {
      let at = value;
      for (const handler of handlers) at = await change(handler, at);
      return at;
    });
    if (isWhole) Object.assign(whole, objectOf(after));
    else whole[name] = field === '' ? after : fieldOf(objectOf(after), field);
  }
  const { [ELEMENT]: element, ...others } = whole;
  return element === undefined ? whole : { ...others, ...objectOf(element) };
}

async function changedAt(
  value: JsonValue,
  path: readonly number[],
  change: (value: JsonValue) => Promise<JsonValue>,
): Promise<JsonValue> {
  const [index, ...deeper] = path;
  if (index === undefined) return change(value);
  if (!Array.isArray(value) || index < 0 || index >= value.length) {
    throw new TypeError(`there is no element ${index} to change in ${JSON.stringify(value)}`);
  }
  const list: JsonValue[] = [...value];
  list[index] = await changedAt(list[index] ?? null, deeper, change);
  return list;
}

function fieldOf(object: JsonObject, field: string): JsonValue {
  return Object.hasOwn(object, field) ? (object[field] ?? null) : null;
}

function objectOf(value: JsonValue): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new TypeError(
    `what a task is expanded over as keyword arguments must be an object, not ${JSON.stringify(value)}`,
  );
}
