// What becomes of a body's value: kept, taken apart by key, or dropped.
import type { TaskBody } from './context.ts';
import { Result, resultOf } from './result.ts';

/** How a task's value is kept. */
export type Keeping = {
  /** True: each key of the returned object is an XCom too. */
  readonly multipleOutputs?: boolean;
  /** False: the value is not kept. */
  readonly doXcomPush?: boolean;
};

/** The body with its value kept as told; the very same body where nothing is told. */
export function keeping(body: TaskBody<never>, options: Keeping): TaskBody<never> {
  const { multipleOutputs = false, doXcomPush = true } = options;
  if (doXcomPush && !multipleOutputs) return body;
  return async (context) => {
    const { value, direction } = resultOf(await body(context));
    if (!doXcomPush) return new Result(undefined, { direction });
    return new Result(value, { direction, outputs: partsOf(value) });
  };
}

function partsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError(
      'a task with multipleOutputs returns an object; this one returned ' +
        (Array.isArray(value) ? 'a list' : `a ${typeof value}`),
    );
  }
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
