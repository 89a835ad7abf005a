// The code behind hello.yaml: a task is a function that takes the context of its attempt and
// returns its result.
import type { TaskContext } from '@dagmesh/sdk';

/** Reads a param of the run. What a task returns is its XCom. */
export async function greet({ params }: TaskContext): Promise<string> {
  return `Hello, ${params.name}`;
}

/** Takes what `greet` returned; hello.yaml ties it to the input `text`. */
export async function count({ inputs }: TaskContext<{ text: string }>): Promise<number> {
  return [...inputs.text].filter((letter) => /\p{L}/u.test(letter)).length;
}

/** Writes to the task's log, which is read live while the task runs. */
export async function tell({ inputs, log }: TaskContext<Told>): Promise<void> {
  log.info(`${inputs.text}${inputs.mark} (${inputs.letters} letters)`);
}

type Told = { readonly text: string; readonly letters: number; readonly mark: string };
