// What is run on the mesh: random plans, and rows of the tables, with the states they must come to.
import fc from 'fast-check';
import { type End, endOf } from '../oracle/orders.ts';
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
/** Orders of events that are tried: a plan whose end depends on them says nothing here. */
const ORDERS_COUNT = 30;

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
        // With workers side by side the skip may come before the failure, and counts first then.
        if (row.needsOrder === true) return [];
        if (row.steps !== undefined || !isRunnable(row.plan)) return [];
        const dagId = `${subject.replaceAll('-', '_')}_${table}_${at}`;
        const { name, plan, outcomes = {}, states, run } = row;
        const endings = Object.entries(outcomes).map(([task, words]) => [task, listOf(words)]);
        return [{ dagId, name, plan, endings: Object.fromEntries(endings), end: { states, run } }];
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
  const ending = (task: string, index: number, tryNumber: number): Ending =>
    endings[task]?.[((index + 1) * 3 + tryNumber - 1) % ENDINGS_COUNT] ?? { as: 'success' };
  const first = endOf(plan, ending, () => 0);
  const words = JSON.stringify(first);
  for (let order = 1; order < ORDERS_COUNT; order++) {
    let at = order;
    const choose = (count: number) => (numbers[(at += order) % 100] ?? 0) % count;
    if (JSON.stringify(endOf(plan, ending, choose)) !== words) return undefined;
  }
  return { dagId, name: dagId, plan, endings, end: first };
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
