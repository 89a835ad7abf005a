// How the states of the upstream tasks decide about a task: Airflow's table of trigger rules, one
// row per rule.
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** How many direct upstream task instances there are, and in which final states. */
export type UpstreamCounts = {
  /** All of them, finished or not. */
  readonly total: number;
  success: number;
  skipped: number;
  failed: number;
  upstreamFailed: number;
  removed: number;
};

/**
 * `run`: its dependencies are met. `skip`: it becomes SKIPPED. `fail`: it becomes UPSTREAM_FAILED.
 * `wait`: nothing can be said before another upstream task finishes.
 */
export type Verdict = 'run' | 'skip' | 'fail' | 'wait';

/**
 * What a rule says. Rules are asked again whenever an upstream task finishes, so that some decide
 * before all are done: with ALL_SUCCESS the first failure settles it.
 */
export function judge(rule: TriggerRule, upstream: UpstreamCounts): Verdict {
  if (upstream.total === 0) return 'run';
  return ruleOf(rule)(upstream);
}

/** The rule as authors spell it, e.g. `all_success`. */
export function nameOfRule(rule: TriggerRule): string {
  return RULE_NAMES.get(rule) ?? 'all_success';
}

type Rule = (upstream: UpstreamCounts) => Verdict;

const RULES: ReadonlyMap<TriggerRule, Rule> = new Map<TriggerRule, Rule>([
  [
    TriggerRule.ALL_SUCCESS,
    (u) => {
      if (failuresOf(u) > 0) return 'fail';
      if (u.skipped > 0) return 'skip';
      return runIf(u.success >= u.total);
    },
  ],
  [
    TriggerRule.ALL_FAILED,
    (u) => {
      if (u.success > 0 || u.skipped > 0) return 'skip';
      return runIf(failuresOf(u) >= u.total);
    },
  ],
  [TriggerRule.ALL_DONE, (u) => runIf(areAllDone(u))],
  [
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    (u) => {
      if (u.skipped > 0) return 'skip';
      if (!areAllDone(u)) return 'wait';
      return u.success > 0 ? 'run' : 'fail';
    },
  ],
  // Without setup tasks there is no setup that could have failed: the rule is that of ALL_DONE.
  [TriggerRule.ALL_DONE_SETUP_SUCCESS, (u) => runIf(areAllDone(u))],
  [
    TriggerRule.ONE_SUCCESS,
    (u) => {
      if (u.success > 0) return 'run';
      if (!areAllDone(u)) return 'wait';
      return u.skipped === doneOf(u) ? 'skip' : 'fail';
    },
  ],
  [
    TriggerRule.ONE_FAILED,
    (u) => {
      if (failuresOf(u) > 0) return 'run';
      return areAllDone(u) ? 'skip' : 'wait';
    },
  ],
  [
    TriggerRule.ONE_DONE,
    (u) => {
      if (u.success + u.failed > 0) return 'run';
      return areAllDone(u) ? 'skip' : 'wait';
    },
  ],
  [
    TriggerRule.NONE_FAILED,
    (u) => (failuresOf(u) > 0 ? 'fail' : runIf(u.success + u.skipped >= u.total)),
  ],
  [
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    (u) => {
      if (failuresOf(u) > 0) return 'fail';
      if (u.skipped === u.total) return 'skip';
      return runIf(u.success + u.skipped >= u.total);
    },
  ],
  [TriggerRule.NONE_SKIPPED, (u) => (u.skipped > 0 ? 'skip' : runIf(areAllDone(u)))],
  [
    TriggerRule.ALL_SKIPPED,
    (u) => {
      if (u.success > 0 || failuresOf(u) > 0) return 'skip';
      return runIf(u.skipped >= u.total);
    },
  ],
  [TriggerRule.ALWAYS, () => 'run'],
]);

/**
 * An unspecified rule means ALL_SUCCESS, and so does one from a newer version that this one does
 * not know.
 */
function ruleOf(rule: TriggerRule): Rule {
  return RULES.get(rule) ?? allSuccess;
}

const allSuccess: Rule = (u) => judge(TriggerRule.ALL_SUCCESS, u);

const RULE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(TriggerRule)
    .filter(([, value]) => value !== TriggerRule.UNSPECIFIED)
    .map(([name, value]) => [value, name.toLowerCase()]),
);

function failuresOf(u: UpstreamCounts): number {
  return u.failed + u.upstreamFailed;
}

function doneOf(u: UpstreamCounts): number {
  return u.success + u.skipped + failuresOf(u) + u.removed;
}

function areAllDone(u: UpstreamCounts): boolean {
  return doneOf(u) >= u.total;
}

function runIf(isMet: boolean): Verdict {
  return isMet ? 'run' : 'wait';
}
