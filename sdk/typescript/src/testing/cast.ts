// Which code is run for a task in a test: the DAG's own, or what the test puts in its place.
import { type Dag, draftOfDag } from '../author/dag.ts';
import type { TaskDraft, Work } from '../author/draft.ts';
import { didYouMean } from '../author/checks/nearest.ts';
import type { TaskBody } from '../task/context.ts';
import { decidingAs } from '../task/directed.ts';
import { keeping } from '../task/outputs.ts';
import type { TestBodies, TestBody } from './bodies.ts';
import { TestDagError } from './simulator.ts';

/** Which code is wanted. */
export type Wanted = {
  readonly dagId: string;
  readonly taskId: string;
  readonly tryNumber: number;
  readonly handler: string;
};

/** The code of the DAGs under test. */
export type Cast = {
  /** The body of a task's try; a sentence when there is none. */
  bodyOf(wanted: Wanted): TaskBody<never> | string;
  /** A function of the author by its handler; undefined when there is none. */
  functionOf(handler: string): ((given: unknown) => unknown) | undefined;
};

/**
 * The code of DAGs with what a test puts in its place. Throws a TestDagError for tasks that there
 * are not, or that run no code, and for bodies that are none.
 */
export function createCast(dags: readonly Dag[], instead: TestBodies): Cast {
  const tasks = new Map<string, TaskDraft>();
  const functions = new Map<string, (given: unknown) => unknown>();
  for (const dag of dags) {
    const draft = draftOfDag(dag);
    for (const [taskId, task] of draft.tasks) tasks.set(`${dag.dagId}.${taskId}`, task);
    for (const [named, name] of draft.functions) {
      functions.set(name, named as (given: unknown) => unknown);
    }
  }
  for (const [name, body] of Object.entries(instead)) {
    const cause = causeAgainst(name, body, [...tasks.values()]);
    if (cause !== undefined) throw cause;
  }
  const functionOf = (handler: string) => functions.get(handler.slice(handler.indexOf(':') + 1));
  return {
    functionOf,
    bodyOf: ({ dagId, taskId, tryNumber, handler }) => {
      const task = tasks.get(`${dagId}.${taskId}`);
      const own = task?.work.kind === 'body' ? task.work.body : functionOf(handler);
      const other = ofTry(instead[`${dagId}.${taskId}`] ?? instead[taskId], tryNumber);
      if (other !== undefined) return keeping(decidingAs(own, other), task?.keeps ?? {});
      if (own !== undefined) return own as TaskBody<never>;
      return (
        `task "${taskId}" runs "${handler}", which this process does not have; ` +
        `put a function in its place: bodies: { '${taskId}': … }`
      );
    },
  };
}

/** Why something cannot take the place of a task's code; undefined when it can. */
function causeAgainst(
  name: string,
  body: TestBody,
  tasks: readonly TaskDraft[],
): TestDagError | undefined {
  const meant = tasks.find(
    ({ dag, taskId }) => name === taskId || name === `${dag.dagId}.${taskId}`,
  );
  if (meant === undefined) return new TestDagError('task_not_found', unknownWords(name, tasks));
  const without = WITHOUT_CODE[meant.work.kind];
  if (without !== undefined) {
    return new TestDagError('bad_request', `task "${name}" ${without.replaceAll('$', name)}`);
  }
  const each: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (each.length > 0 && each.every((one) => typeof one === 'function')) return undefined;
  return new TestDagError(
    'bad_request',
    `what is to be run for task "${name}" is no function, nor a list of some; ` +
      'for a task that returns a value, write returns(value)',
  );
}

/** What a test does about tasks that run no code; `$` stands for the task. */
const WITHOUT_CODE: Readonly<Record<Work['kind'], string | undefined>> = {
  body: undefined,
  remote: undefined,
  empty: 'is empty: it runs no code that something could be put in the place of',
  latest_only: 'runs no code; whether its run is the latest follows from the clock of the test',
  human_input: "asks people and runs no code; answer it: respond('$', { choose: … })",
  trigger: "waits for a trigger and runs no code; end its wait: fire('$', { event: … })",
};

function unknownWords(name: string, tasks: readonly TaskDraft[]): string {
  const known = tasks.map(({ taskId }) => taskId);
  const [, taskId = ''] = /^(.*)\[\d+\]$/.exec(name) ?? [];
  if (known.includes(taskId)) {
    return (
      `bodies are given for tasks, not for instances such as "${name}"; ` +
      `give one for '${taskId}' that looks at context.mapIndex`
    );
  }
  return `there is no task "${name}"${didYouMean(name, known)}, but ${known.join(', ')}`;
}

function ofTry(body: TestBody | undefined, tryNumber: number): TaskBody<never> | undefined {
  if (body === undefined || typeof body === 'function') return body;
  return body[Math.min(tryNumber, body.length) - 1];
}
