// Every rule over every mix of up to three upstream tasks, against the table of Airflow's
// documentation written as sentences.
import { expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { judge, type UpstreamCounts, type Verdict } from './trigger-rule.ts';

type State = 'waiting' | 'success' | 'skipped' | 'failed' | 'upstreamFailed';
const states: readonly State[] = ['waiting', 'success', 'skipped', 'failed', 'upstreamFailed'];

function mixes(size: number): State[][] {
  if (size === 0) return [[]];
  return mixes(size - 1).flatMap((mix) => states.map((state) => [...mix, state]));
}

function countsOf(mix: readonly State[]): UpstreamCounts {
  const of = (state: State) => mix.filter((each) => each === state).length;
  return {
    total: mix.length,
    success: of('success'),
    skipped: of('skipped'),
    failed: of('failed'),
    upstreamFailed: of('upstreamFailed'),
    removed: 0,
    setupTotal: 0,
    setupSuccess: 0,
    setupSkipped: 0,
  };
}

const isFailure = (state: State) => state === 'failed' || state === 'upstreamFailed';
const isOpen = (state: State) => state === 'waiting';

/** The rules once more, over the states themselves instead of over counts. */
const oracle: Readonly<Record<number, (mix: readonly State[]) => Verdict>> = {
  [TriggerRule.ALL_SUCCESS]: (mix) => {
    if (mix.some(isFailure)) return 'fail';
    if (mix.includes('skipped')) return 'skip';
    return mix.some(isOpen) ? 'wait' : 'run';
  },
  [TriggerRule.ALL_FAILED]: (mix) => {
    if (mix.includes('success') || mix.includes('skipped')) return 'skip';
    return mix.some(isOpen) ? 'wait' : 'run';
  },
  [TriggerRule.ALL_DONE]: (mix) => (mix.some(isOpen) ? 'wait' : 'run'),
  [TriggerRule.ALL_DONE_MIN_ONE_SUCCESS]: (mix) => {
    if (mix.includes('skipped')) return 'skip';
    if (mix.some(isOpen)) return 'wait';
    return mix.includes('success') ? 'run' : 'fail';
  },
  [TriggerRule.ONE_SUCCESS]: (mix) => {
    if (mix.includes('success')) return 'run';
    if (mix.some(isOpen)) return 'wait';
    return mix.every((state) => state === 'skipped') ? 'skip' : 'fail';
  },
  [TriggerRule.ONE_FAILED]: (mix) => {
    if (mix.some(isFailure)) return 'run';
    return mix.some(isOpen) ? 'wait' : 'skip';
  },
  [TriggerRule.ONE_DONE]: (mix) => {
    if (mix.includes('success') || mix.includes('failed')) return 'run';
    return mix.some(isOpen) ? 'wait' : 'skip';
  },
  [TriggerRule.NONE_FAILED]: (mix) => {
    if (mix.some(isFailure)) return 'fail';
    return mix.some(isOpen) ? 'wait' : 'run';
  },
  [TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS]: (mix) => {
    if (mix.some(isFailure)) return 'fail';
    if (mix.every((state) => state === 'skipped')) return 'skip';
    return mix.some(isOpen) ? 'wait' : 'run';
  },
  [TriggerRule.NONE_SKIPPED]: (mix) => {
    if (mix.includes('skipped')) return 'skip';
    return mix.some(isOpen) ? 'wait' : 'run';
  },
  [TriggerRule.ALL_SKIPPED]: (mix) => {
    if (mix.some((state) => state === 'success' || isFailure(state))) return 'skip';
    return mix.some(isOpen) ? 'wait' : 'run';
  },
  [TriggerRule.ALWAYS]: () => 'run',
};

test.each(Object.values(TriggerRule).filter((rule) => rule in oracle))(
  'rule %i decides every mix of upstream states',
  (rule) => {
    const expected = oracle[rule];
    for (const mix of [1, 2, 3].flatMap(mixes)) {
      expect(judge(rule, countsOf(mix)), `rule ${rule} over ${mix.join(' ')}`).toBe(
        expected?.(mix),
      );
    }
  },
);

test('a task without upstream runs at once, whatever its rule', () => {
  for (const rule of [TriggerRule.ALL_SUCCESS, TriggerRule.ALL_FAILED, TriggerRule.ONE_FAILED]) {
    expect(judge(rule, countsOf([]))).toBe('run');
  }
});
