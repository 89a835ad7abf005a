// Airflow's table of trigger rules, row by row as it is documented: what a rule sets, and when it
// passes. It shares no line with the scheduler.
import type { Final, Rule } from './plan.ts';

/** How many relevant direct upstream instances there are (U), and in which final states. */
export type Counts = {
  readonly S: number;
  readonly K: number;
  readonly F: number;
  readonly UF: number;
  readonly R: number;
  readonly U: number;
  /** Setups among them: succeeded, skipped, all. */
  readonly S_setup: number;
  readonly K_setup: number;
  readonly U_setup: number;
};

/** What a rule says: the state it sets at once, else whether it lets the task run. */
export type Ruling = { readonly sets: Final | undefined; readonly passes: boolean };

type Known = Counts & { readonly D: number; readonly m: boolean; readonly index: number };
type Row = {
  /** The first that holds sets its state. */
  readonly sets: readonly (readonly [(c: Known) => boolean, Final])[];
  readonly passes: (c: Known) => boolean;
};

const excused = (c: Known) => (c.m ? c.R : 0);
const anyFailed = (c: Known) => c.UF > 0 || c.F > 0;
const isDone = (c: Known) => c.D >= c.U;

const TABLE: Readonly<Record<Rule, Row>> = {
  all_success: {
    sets: [
      [anyFailed, 'upstream_failed'],
      [(c) => c.K > 0, 'skipped'],
      [(c) => c.R > 0 && c.S > 0 && c.m && c.index >= c.S, 'removed'],
    ],
    passes: (c) => c.U - c.S - excused(c) <= 0,
  },
  all_failed: {
    sets: [[(c) => c.S > 0 || c.K > 0, 'skipped']],
    passes: (c) => c.U - c.F - c.UF - excused(c) <= 0,
  },
  all_done: { sets: [], passes: isDone },
  all_done_min_one_success: {
    sets: [
      [(c) => c.K > 0, 'skipped'],
      [(c) => c.S + c.F + c.UF + c.R >= c.U - c.K && c.S === 0, 'upstream_failed'],
    ],
    passes: (c) =>
      c.K === 0 && c.S + c.F + c.UF + c.R - excused(c) >= c.U - c.K - excused(c) && c.S > 0,
  },
  all_done_setup_success: {
    sets: [
      [(c) => isDone(c) && c.U_setup > 0 && c.K_setup >= c.U_setup, 'skipped'],
      [(c) => isDone(c) && c.U_setup > 0 && c.S_setup === 0, 'upstream_failed'],
    ],
    passes: (c) => isDone(c) && (c.U_setup === 0 || c.S_setup > 0),
  },
  one_success: {
    sets: [
      [(c) => isDone(c) && c.D === c.K, 'skipped'],
      [(c) => isDone(c) && c.S <= 0, 'upstream_failed'],
    ],
    passes: (c) => c.S > 0,
  },
  one_failed: {
    sets: [[(c) => isDone(c) && !anyFailed(c), 'skipped']],
    passes: anyFailed,
  },
  one_done: {
    sets: [[(c) => isDone(c) && c.F === 0 && c.S === 0, 'skipped']],
    passes: (c) => c.S + c.F > 0,
  },
  none_failed: {
    sets: [[anyFailed, 'upstream_failed']],
    passes: (c) => c.U - c.S - c.K - excused(c) <= 0,
  },
  none_failed_min_one_success: {
    sets: [
      [anyFailed, 'upstream_failed'],
      [(c) => c.K === c.U, 'skipped'],
    ],
    passes: (c) => c.U - c.S - c.K - excused(c) <= 0,
  },
  none_skipped: {
    sets: [[(c) => c.K > 0, 'skipped']],
    passes: (c) => isDone(c) && c.K === 0,
  },
  all_skipped: {
    sets: [[(c) => c.S > 0 || anyFailed(c), 'skipped']],
    passes: (c) => c.U - c.K <= 0,
  },
  always: { sets: [], passes: () => true },
};

/** Rules an instance; `index` is −1 when it is not mapped. Without upstream everything passes. */
export function rule(name: Rule, counts: Counts, index: number): Ruling {
  if (counts.U === 0) return { sets: undefined, passes: true };
  const D = counts.S + counts.K + counts.F + counts.UF + counts.R;
  const known: Known = { ...counts, D, m: index > -1, index };
  const row = TABLE[name];
  return { sets: row.sets.find(([holds]) => holds(known))?.[1], passes: row.passes(known) };
}

/** What becomes of an instance: a state, `run` or `wait`. */
export type Outcome = Final | 'run' | 'wait';

/** A ruling as one word: a state that is set counts before a pass. */
export function outcomeOf({ sets, passes }: Ruling): Outcome {
  return sets ?? (passes ? 'run' : 'wait');
}
