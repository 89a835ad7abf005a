// Trigger rules in words: what a task sees above itself, and what it still needs.
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { UpstreamCounts } from './trigger-rule.ts';

/** What the tasks above have come to: `3 of 5 done (2 success, 1 skipped)`. */
export function seenWords(counts: UpstreamCounts): string {
  const states: readonly (readonly [number, string])[] = [
    [counts.success, 'success'],
    [counts.skipped, 'skipped'],
    [counts.failed, 'failed'],
    [counts.upstreamFailed, 'upstream_failed'],
    [counts.removed, 'removed'],
  ];
  const seen = states.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`);
  const list = seen.length === 0 ? '' : ` (${seen.join(', ')})`;
  return `${doneOf(counts)} of ${counts.total} done${list}`;
}

/** What a rule that says `wait` still needs before it lets an instance with this map index run. */
export function missingWords(rule: TriggerRule, counts: UpstreamCounts, mapIndex: number): string {
  const { total, success, skipped, failed, upstreamFailed } = counts;
  // Instances of a mapped task need not wait for removed ones.
  const wanted = total - (mapIndex >= 0 ? counts.removed : 0);
  switch (rule) {
    case TriggerRule.ALL_FAILED:
      return `${wanted - failed - upstreamFailed} more must fail`;
    case TriggerRule.ONE_SUCCESS:
      return 'one must succeed';
    case TriggerRule.ONE_FAILED:
      return 'one must fail';
    case TriggerRule.ONE_DONE:
      return 'one must succeed or fail';
    case TriggerRule.ALL_SKIPPED:
      return `${total - skipped} more must be skipped`;
    case TriggerRule.NONE_FAILED:
    case TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS:
      return `${wanted - success - skipped} more must succeed or be skipped`;
    case TriggerRule.ALL_DONE:
    case TriggerRule.ALL_DONE_MIN_ONE_SUCCESS:
    case TriggerRule.ALL_DONE_SETUP_SUCCESS:
    case TriggerRule.NONE_SKIPPED:
      return `${total - doneOf(counts)} more must end`;
    default:
      return `${wanted - success} more must succeed`;
  }
}

function doneOf(counts: UpstreamCounts): number {
  const { success, skipped, failed, upstreamFailed, removed } = counts;
  return success + skipped + failed + upstreamFailed + removed;
}
