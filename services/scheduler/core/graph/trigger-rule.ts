// How the states of the upstream tasks decide about a task: Airflow's table of trigger rules, one
// row per rule.
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** How many direct upstream task instances there are, and in which final states. */
export type UpstreamCounts = {
  /** All of them, finished or not. */
  total: number;
  success: number;
  skipped: number;
  failed: number;
  upstreamFailed: number;
  removed: number;
  /** Those of them that are setups. */
  setupTotal: number;
  setupSuccess: number;
  setupSkipped: number;
};

/**
 * `run`: its dependencies are met. `skip`: it becomes SKIPPED. `fail`: it becomes UPSTREAM_FAILED.
 * `remove`: it becomes REMOVED. `wait`: nothing can be said before another upstream task finishes.
 */
export type Verdict = 'run' | 'skip' | 'fail' | 'remove' | 'wait';

/** Counts of nothing. */
export function noCounts(): UpstreamCounts {
  return {
    ...{ total: 0, success: 0, skipped: 0, failed: 0, upstreamFailed: 0, removed: 0 },
    ...{ setupTotal: 0, setupSuccess: 0, setupSkipped: 0 },
  };
}

/**
 * What a rule says to an instance with this map index (−1 when it is not mapped). Rules are asked
 * again whenever an upstream task finishes, so that some decide before all are done: with
 * ALL_SUCCESS the first failure settles it.
 */
export function judge(rule: TriggerRule, upstream: UpstreamCounts, mapIndex = -1): Verdict {
  if (upstream.total === 0) return 'run';
  return ruleOf(rule)({ ...upstream, mapIndex, excused: mapIndex >= 0 ? upstream.removed : 0 });
}

/** What the setups around an instance say, which are not directly above it: ALL_SUCCESS. */
export function judgeSetups(setups: UpstreamCounts, mapIndex: number): Verdict {
  return judge(TriggerRule.ALL_SUCCESS, setups, mapIndex);
}

/** The rule as authors spell it, e.g. `all_success`. */
export function nameOfRule(rule: TriggerRule): string {
  return RULE_NAMES.get(rule) ?? 'all_success';
}

/** Counts, with the index they are judged for, and the removed ones that it need not wait for. */
type Judged = UpstreamCounts & { readonly mapIndex: number; readonly excused: number };
type Rule = (upstream: Judged) => Verdict;

const RULES: ReadonlyMap<TriggerRule, Rule> = new Map<TriggerRule, Rule>([
  [
    TriggerRule.ALL_SUCCESS,
    (u) => {
      if (failuresOf(u) > 0) return 'fail';
      if (u.skipped > 0) return 'skip';
      if (u.removed > 0 && u.success > 0 && u.mapIndex >= u.success) return 'remove';
      return runIf(u.success + u.excused >= u.total);
    },
  ],
  [
    TriggerRule.ALL_FAILED,
    (u) => {
      if (u.success > 0 || u.skipped > 0) return 'skip';
      return runIf(failuresOf(u) + u.excused >= u.total);
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
  [
    TriggerRule.ALL_DONE_SETUP_SUCCESS,
    (u) => {
      if (!areAllDone(u)) return 'wait';
      if (u.setupTotal === 0 || u.setupSuccess > 0) return 'run';
      return u.setupSkipped >= u.setupTotal ? 'skip' : 'fail';
    },
  ],
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
    (u) => (failuresOf(u) > 0 ? 'fail' : runIf(u.success + u.skipped + u.excused >= u.total)),
  ],
  [
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    (u) => {
      if (failuresOf(u) > 0) return 'fail';
      if (u.skipped === u.total) return 'skip';
      return runIf(u.success + u.skipped + u.excused >= u.total);
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

const allSuccess: Rule = (u) => judge(TriggerRule.ALL_SUCCESS, u, u.mapIndex);

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
