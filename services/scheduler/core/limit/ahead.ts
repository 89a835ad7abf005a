// Who goes first: how many of a line are served before one of them, rank and turns considered.
import type { FairLine, Share } from './fair-line.ts';
import { inOrder } from '../heap.ts';
import type { Instance } from '../instance.ts';
import { outranks } from './rank.ts';

/** A DAG as it would be served on and on, without its share being touched. */
type Turn = {
  readonly left: Iterator<Instance, undefined>;
  readonly weight: number;
  virtualTime: number;
  /** Undefined once all of it was served. */
  first: Instance | undefined;
};

/**
 * How many are served before an instance of a line, one slot each, as long as nobody else comes; at
 * most `max`. Looks only: the line stays as it is.
 */
export function countAhead(line: FairLine<Instance>, instance: Instance, max: number): number {
  const bands = line.bands.members.map(({ shares }) => shares.members.map(turnOf));
  for (let count = 0; count < max; count += 1) {
    const next = bands.map(nextOfBand).reduce(moreUrgent, undefined);
    if (next === undefined || next.first === instance) return count;
    next.virtualTime += 1 / next.weight;
    next.first = next.left.next().value;
  }
  return max;
}

function turnOf({ dag, items, virtualTime }: Share<Instance>): Turn {
  const left = inOrder(items);
  return { left, weight: dag.version.fairShareWeight, virtualTime, first: left.next().value };
}

/** Within a band it is the turn of the DAG that got least. */
function nextOfBand(turns: readonly Turn[]): Turn | undefined {
  return turns.reduce<Turn | undefined>((best, turn) => {
    if (turn.first === undefined) return best;
    if (best === undefined || turn.virtualTime < best.virtualTime) return turn;
    return turn.virtualTime > best.virtualTime ? best : moreUrgent(best, turn);
  }, undefined);
}

function moreUrgent(a: Turn | undefined, b: Turn | undefined): Turn | undefined {
  if (a?.first === undefined || b?.first === undefined) return a?.first === undefined ? b : a;
  return outranks(b.first, a.first) ? b : a;
}
