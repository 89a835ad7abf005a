// What is run on the mesh: random plans, and rows of the tables, with the states they must come to.
import fc from 'fast-check';
import { type End, type EndingOf, endOf, nameOf } from '../oracle/orders.ts';
import type { Ending, Plan } from '../oracle/plan.ts';
import { isMappedOver, levelsOf } from '../oracle/shape.ts';
import { anyPlan, endingFor } from '../play/chance.ts';
import { type EndingWord, endingOf, type Row, type Step } from '../play/scenario.ts';
import { tablesOf } from '../play/tables.ts';

/** One run of one DAG. */
export type Case = {
  readonly dagId: string;
  readonly name: string;
  readonly plan: Plan;
  /**
   * How tries end: of `task[index]` one after the other, of `task` by index and try. The lists go
   * round.
   */
  readonly endings: Readonly<Record<string, readonly Ending[]>>;
  /** What is done to the run, each time it has ended. */
  readonly commands: readonly Command[];
  readonly end: End;
};

/** What people do to a run that has ended. */
export type Command = Extract<Step, readonly ['clear' | 'mark' | 'mark run', ...unknown[]]>;

/** Endings that one task of a random plan has. */
const ENDINGS_COUNT = 7;
/** Tries that no row exceeds: endings go round on the mesh, in rows the last one stays. */
const TRIES_MAX = 12;
/** Orders of events that are tried: a case whose end depends on them says nothing here. */
const ORDERS = { random: 30, table: 100 } as const;

/** Random cases that end alike in whatever order their tasks end. */
export function randomCases(count: number, seed: number): readonly Case[] {
  const cases: Case[] = [];
  const choices = fc.array(fc.nat(999), { minLength: 100, maxLength: 100 });
  for (let batch = 0; cases.length < count; batch++) {
    const sample = fc.sample(fc.tuple(anyPlan, choices), { numRuns: 100, seed: seed + batch });
    for (const [plan, numbers] of sample) {
      const found = caseOf(`random_${cases.length}`, plan, numbers);
      if (found !== undefined && cases.length < count) cases.push(found);
    }
  }
  return cases;
}

/**
 * Rows of the tables that say nothing about what happens while their runs go on; those that come to
 * an end, are cleared or marked then, and come to another.
 */
export function tableCases(subjects: readonly string[]): readonly Case[] {
  return subjects.flatMap((subject) =>
    tablesOf<Row>(subject).flatMap(({ rows }, table) =>
      rows.flatMap((row, at): Case[] => {
        const commands = commandsOf(row.steps ?? [['rest']]);
        if (commands === undefined || row.run === 'running' || !isRunnable(row.plan)) return [];
        const dagId = `${subject.replaceAll('-', '_')}_${table}_${at}`;
        const { name, plan, outcomes = {}, states, run } = row;
        const listed = Object.entries(outcomes).map(([task, words]) => [task, listOf(words)]);
        const endings: Case['endings'] = Object.fromEntries(listed);
        // With workers side by side what comes first in the row may come second.
        if (endInAnyOrder(plan, endings, ORDERS.table) === undefined) return [];
        if (commands.length > 0 && !areByTry(plan, endings)) return [];
        return [{ dagId, name, plan, endings, commands, end: { states, run } }];
      }),
    ),
  );
}

/** What is done to a run that rests before and after; undefined when it does not. */
function commandsOf(steps: readonly Step[]): readonly Command[] | undefined {
  const told = steps.filter(([word]) => word !== 'see');
  const isResting = told.every(([word], at) => {
    if (at % 2 === 0) return word === 'rest';
    const rests = told[at + 1]?.[0] === 'rest';
    return word === 'mark run' || (rests && (word === 'clear' || word === 'mark'));
  });
  return isResting && told.length > 0
    ? told.filter((step): step is Command => step[0] !== 'rest')
    : undefined;
}

/** False when a task of several instances has several endings: rows mean the tries of each. */
function areByTry(plan: Plan, endings: Case['endings']): boolean {
  return Object.entries(endings).every(
    ([task, own]) =>
      own.length === 1 || plan.tasks[task] === undefined || levelsOf(plan, task).length === 0,
  );
}

function caseOf(dagId: string, plan: Plan, numbers: readonly number[]): Case | undefined {
  if (!isRunnable(plan)) return undefined;
  const tasks = Object.keys(plan.tasks);
  const endings = Object.fromEntries(
    tasks.map((task, at) => {
      const own = Array.from({ length: ENDINGS_COUNT }, (_, n) => numbers[(at * 8 + n) % 100] ?? 0);
      return [task, own.map((number) => endingFor(plan, task, number))];
    }),
  );
  const end = endInAnyOrder(plan, endings, ORDERS.random);
  return end === undefined ? undefined : { dagId, name: dagId, plan, endings, commands: [], end };
}

/** Where a run comes to in whatever order its tasks end; undefined when that depends on it. */
function endInAnyOrder(plan: Plan, endings: Case['endings'], ordersCount: number): End | undefined {
  const first = endOf(plan, endingIn(endings), () => 0);
  const words = JSON.stringify(first);
  for (let order = 1; order < ordersCount; order++) {
    const choose = chanceOf(order);
    if (JSON.stringify(endOf(plan, endingIn(endings), choose)) !== words) return undefined;
  }
  return first;
}

/** As the DAGs of the sample look up how they end. */
function endingIn(endings: Case['endings']): EndingOf {
  return (task, index, tryNumber) => {
    const single = endings[nameOf(task, index)];
    const own = single ?? endings[task] ?? [];
    const at = single === undefined ? index + 1 : 0;
    return own[(at * 3 + tryNumber - 1) % Math.max(own.length, 1)] ?? { as: 'success' };
  };
}

/** Numbers that look like chance, another row of them for each seed (a linear congruence). */
function chanceOf(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

/**
 * What authors cannot write is left out: tasks without code that are mapped, or mapped over, and
 * the rule of teardowns for others.
 */
function isRunnable(plan: Plan): boolean {
  const tasks = Object.entries(plan.tasks);
  if (tasks.length === 0) return false;
  return tasks.every(([id, task]) => {
    if (task.waits !== undefined || task.past !== undefined) return false;
    // Its run may wait for ever.
    if (task.limited === true) return false;
    if (task.rule === 'all_done_setup_success' && task.teardown !== true) return false;
    return task.empty !== true || (task.over === undefined && !isMappedOver(plan, id));
  });
}

/** Of several, the last stays. */
function listOf(words: EndingWord | readonly EndingWord[]): readonly Ending[] {
  if (!Array.isArray(words)) return [endingOf(words as EndingWord)];
  const own = (words as readonly EndingWord[]).map(endingOf);
  const last = own.at(-1);
  if (last === undefined || own.length === 1) return own;
  return [...own, ...Array.from({ length: TRIES_MAX - own.length }, () => last)];
}
