// Bodies that decide about the tasks downstream of them: `branch(…)`, `shortCircuit(…)`.
import { requireShapes } from '../author/checks/shapes.ts';
import type { TaskBody } from './context.ts';
import { type Direction, isTruthy, Result } from './result.ts';

/** Which branches are followed: ids of tasks or groups anywhere downstream; nothing skips all. */
export type Choice = string | readonly string[] | undefined | null;

/**
 * The body of a task that chooses: what is directly downstream and on no way to the chosen tasks or
 * groups is skipped. Fails the try when the choice is no id.
 */
export function branch<Inputs, Chosen extends Choice>(
  choose: TaskBody<Inputs, Chosen | Promise<Chosen>>,
): TaskBody<Inputs, Promise<Chosen>> {
  return deciding(choose, (value) => ({ kind: 'branch', followIds: idsOf(value as Choice) }));
}

/** What a short circuit does about what is further downstream. */
export type ShortCircuitOptions = {
  /** True (default): all of it is skipped. False: it follows its trigger rules. */
  readonly ignoreDownstreamTriggerRules?: boolean;
};

/**
 * The body of a task whose falsy result (as Python has it: an empty list, object or set too) skips
 * everything downstream; with `ignoreDownstreamTriggerRules: false` only what is directly
 * downstream, and the rest follows its rules. The result is the task's XCom either way.
 */
export function shortCircuit<Inputs, Output>(
  condition: TaskBody<Inputs, Output>,
  options: ShortCircuitOptions = {},
): TaskBody<Inputs, Promise<Awaited<Output>>> {
  requireShapes<ShortCircuitOptions>('shortCircuit()', options, {
    ignoreDownstreamTriggerRules: 'flag',
  });
  const respectsTriggerRules = options.ignoreDownstreamTriggerRules === false;
  return deciding(condition, (value) =>
    isTruthy(value) ? undefined : { kind: 'short_circuit', respectsTriggerRules },
  );
}

/** Another body that decides as this one would have; itself when this one decides nothing. */
export function decidingAs(body: object | undefined, other: TaskBody<never>): TaskBody<never> {
  const decide = body === undefined ? undefined : DECISIONS.get(body);
  return decide === undefined ? other : deciding(other, decide);
}

/** What a value decides; nothing when it is undefined. */
type Decision = (value: unknown) => Direction | undefined;

const DECISIONS = new WeakMap<object, Decision>();

function deciding<Inputs, Output>(
  answer: TaskBody<Inputs, Output | Promise<Output>>,
  decide: Decision,
): TaskBody<Inputs, Promise<Awaited<Output>>> {
  const body = async (context: Parameters<typeof answer>[0]) => {
    const value: unknown = await answer(context);
    if (value instanceof Result) return value;
    const direction = decide(value);
    return direction === undefined ? value : new Result(value, { direction });
  };
  DECISIONS.set(body, decide);
  return body as unknown as TaskBody<Inputs, Promise<Awaited<Output>>>;
}

function idsOf(choice: Choice): readonly string[] {
  if (choice === undefined || choice === null) return [];
  const ids: readonly unknown[] = typeof choice === 'string' ? [choice] : listOf(choice);
  const strange = ids.find((id) => typeof id !== 'string');
  if (strange === undefined) return [...new Set(ids as readonly string[])];
  throw new TypeError(
    `a branch is chosen by the ids of tasks or groups; ${JSON.stringify(strange)} is none`,
  );
}

function listOf(choice: unknown): readonly unknown[] {
  return Array.isArray(choice) ? choice : [choice];
}
