// Everything that is needed to call a task's code: the code itself, and its arguments with every
// change made.
import type { JsonObject, JsonValue } from '../../json.ts';
import type { TaskBody } from '../../task/context.ts';
import { fillPlaceholders } from '../../task/placeholders.ts';
import type { RunOrder } from '../ipc.ts';
import { builtInBody } from './built-in.ts';
import { objectOf } from './context.ts';
import type { Found, Loader } from './loader.ts';
import { transformed } from './transforms.ts';

/** Code that can be called. */
export type Prepared = {
  readonly body: TaskBody;
  readonly inputs: JsonObject;
  /** The name of a mapped instance; empty means its index. */
  readonly mapLabel: string;
};

/** There is no code to call behind a handler. */
export class NoBody extends Error {
  readonly found: Exclude<Found, { kind: 'body' }> | { kind: 'broken'; error: unknown };

  constructor(found: NoBody['found']) {
    super('there is no code behind the handler');
    this.found = found;
  }
}

/**
 * Finds the code of an order and changes its arguments. Rejects with a NoBody where there is none,
 * and with whatever a function that changes arguments throws.
 */
export async function prepare(order: RunOrder, loader: Loader): Promise<Prepared> {
  const { builtIn } = order;
  const body = builtIn === undefined ? await bodyOf(order, order.handler) : builtInBody(builtIn);
  const change = async (handler: string, value: JsonValue) =>
    jsonValueOf(await (await bodyOf(order, handler))(value));
  const inputs = await transformed(objectOf(order.inputsJson), order.inputTransforms, change);
  const mapLabel = fillPlaceholders(order.mapIndexTemplate, inputs);
  return { body, inputs, mapLabel };

  async function bodyOf(wanted: RunOrder, handler: string): Promise<(given: unknown) => unknown> {
    const found = await loader
      .find({ ...wanted, handler })
      .catch((error: unknown) => ({ kind: 'broken' as const, error }));
    if (found.kind === 'body') return found.body as (given: unknown) => unknown;
    throw new NoBody(found);
  }
}

/** What a function of the author made of an element, as JSON would carry it. */
function jsonValueOf(value: unknown): JsonValue {
  const json = JSON.stringify(value ?? null);
  if (json !== undefined) return JSON.parse(json) as JsonValue;
  throw new TypeError(`a function of map() returned a ${typeof value}, which JSON cannot say`);
}
