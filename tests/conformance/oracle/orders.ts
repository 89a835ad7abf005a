// Where a run ends, by order of events: some runs end differently when their tasks end in another
// order, and no mesh promises one.
import { duesOf, endInstance, startInstance } from './events.ts';
import type { Ending, Plan } from './plan.ts';
import { all, beginRun, type OracleRun } from './run.ts';

/** How the try of an instance ends. */
export type EndingOf = (task: string, index: number, tryNumber: number) => Ending;

/** States at the end: of the instances, of the run. */
export type End = {
  readonly states: Readonly<Record<string, string>>;
  readonly run: string;
};

/** Plays a run alone; `choose` picks the next of so many things that may happen. */
export function endOf(plan: Plan, endingOf: EndingOf, choose: (count: number) => number): End {
  const run = beginRun(plan);
  for (let next = eventsOf(run, endingOf); next.length > 0; next = eventsOf(run, endingOf)) {
    next[choose(next.length)]?.();
  }
  const states = all(run).map(({ task, index, state }) => [nameOf(task, index), state] as const);
  return { states: Object.fromEntries(states), run: run.state };
}

/** As instances are named in tables. */
export function nameOf(task: string, index: number): string {
  return index < 0 ? task : `${task}[${index}]`;
}

/** Everything that may happen next, earliest task first. */
function eventsOf(run: OracleRun, endingOf: EndingOf): readonly (() => void)[] {
  if (run.state !== 'running') return [];
  const events = all(run).flatMap((instance) => {
    const { task, index, state, stay, triesCount } = instance;
    if (state === 'ready') return () => void startInstance(run, instance);
    if (state !== 'running') return [];
    return () => endInstance(run, instance, { stay, ending: endingOf(task, index, triesCount) });
  });
  return [...events, ...duesOf(run.dag).map(({ happen }) => happen)];
}
