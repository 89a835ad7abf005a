// What is run on the mesh: random plans, and rows of the tables, with the states they must come to.
import fc from 'fast-check';
import { type End, type EndingOf, endOf, nameOf } from '../oracle/orders.ts';
import type { Ending, Plan } from '../oracle/plan.ts';
import { isMappedOver } from '../oracle/shape.ts';
import { anyPlan, endingFor } from '../play/chance.ts';
import { type EndingWord, endingOf, type Row } from '../play/scenario.ts';
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
  readonly end: End;
};

/** Endings that one task of a random plan has. */
const ENDINGS_COUNT = 7;
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

/** Rows of the tables that say nothing about what happens in between. */
export function tableCases(subjects: readonly string[]): readonly Case[] {
  return subjects.flatMap((subject) =>
    tablesOf<Row>(subject).flatMap(({ rows }, table) =>
      rows.flatMap((row, at): Case[] => {
        if (row.steps !== undefined || !isRunnable(row.plan)) return [];
        const dagId = `${subject.replaceAll('-', '_')}_${table}_${at}`;
        const { name, plan, outcomes = {}, states, run } = row;
        const listed = Object.entries(outcomes).map(([task, words]) => [task, listOf(words)]);
        const endings: Case['endings'] = Object.fromEntries(listed);
        // With workers side by side what comes first in the row may come second.
        if (endInAnyOrder(plan, endings, ORDERS.table) === undefined) return [];
        return [{ dagId, name, plan, endings, end: { states, run } }];
      }),
    ),
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
  return end === undefined ? undefined : { dagId, name: dagId, plan, endings, end };
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

/** What authors cannot write is left out: tasks without code that are mapped, or mapped over. */
function isRunnable(plan: Plan): boolean {
  const tasks = Object.entries(plan.tasks);
  if (tasks.length === 0) return false;
  return tasks.every(
    ([id, task]) => task.empty !== true || (task.over === undefined && !isMappedOver(plan, id)),
  );
}

function listOf(words: EndingWord | readonly EndingWord[]): readonly Ending[] {
  return Array.isArray(words)
    ? (words as readonly EndingWord[]).map(endingOf)
    : [endingOf(words as EndingWord)];
}
