// What a body hands over when its value is not all there is to say: further XComs, and what it
// decided about the tasks downstream.

/** What a task decided about the tasks downstream of it. */
export type Direction =
  /** Only these tasks and groups are followed. */
  | { readonly kind: 'branch'; readonly followIds: readonly string[] }
  /** Nothing downstream is followed; or only what is directly downstream is skipped. */
  | { readonly kind: 'short_circuit'; readonly respectsTriggerRules: boolean };

/** A value with more to say. Bodies of authors return plain values; what wraps them, this. */
export class Result {
  readonly value: unknown;
  readonly direction: Direction | undefined;
  /** XComs beside `return_value`. */
  readonly outputs: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    more: {
      readonly direction?: Direction | undefined;
      readonly outputs?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    this.value = value;
    this.direction = more.direction;
    this.outputs = more.outputs ?? {};
  }
}

/** The result behind whatever a body returned. */
export function resultOf(returned: unknown): Result {
  return returned instanceof Result ? returned : new Result(returned);
}

/** Whether Python, and so Airflow, would take a value for true: empty collections are not. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  if (typeof value !== 'object' || value === null) return Boolean(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  return !isPlain || Object.keys(value).length > 0;
}
