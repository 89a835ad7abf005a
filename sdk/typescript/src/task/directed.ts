// Bodies that decide about the tasks downstream of them: `branch(…)`, `shortCircuit(…)`.
import type { TaskBody } from './context.ts';
import { isTruthy, Result } from './result.ts';

/** Which branches are followed: ids of tasks or groups anywhere downstream; nothing skips all. */
export type Choice = string | readonly string[] | undefined | null;

/**
 * The body of a task that chooses: what is directly downstream and on no way to the chosen tasks or
 * groups is skipped. Fails the try when the choice is no id.
 */
export function branch<Inputs, Chosen extends Choice>(
  choose: TaskBody<Inputs, Chosen | Promise<Chosen>>,
): TaskBody<Inputs, Promise<Chosen>> {
  const body = async (context: Parameters<typeof choose>[0]) => {
    const value = await choose(context);
    return new Result(value, { direction: { kind: 'branch', followIds: idsOf(value) } });
  };
  return body as unknown as TaskBody<Inputs, Promise<Chosen>>;
}

/**
 * The body of a task whose falsy result (as Python has it: an empty list or object too) skips
 * everything downstream; with `ignoreDownstreamTriggerRules: false` only what is directly
 * downstream, and the rest follows its rules. The result is the task's XCom either way.
 */
export function shortCircuit<Inputs, Output>(
  condition: TaskBody<Inputs, Output>,
  options: { readonly ignoreDownstreamTriggerRules?: boolean } = {},
): TaskBody<Inputs, Promise<Awaited<Output>>> {
  const respectsTriggerRules = options.ignoreDownstreamTriggerRules === false;
  const body = async (context: Parameters<typeof condition>[0]) => {
    const value = await condition(context);
    if (isTruthy(value)) return value;
    return new Result(value, { direction: { kind: 'short_circuit', respectsTriggerRules } });
  };
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
