// The limits a DAG declares and its tasks name: each key once, with a limit, and known.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Check } from './dag-view.ts';
import { didYouMean } from '../nearest.ts';

/** What is wrong with key limits and with what may create runs. */
export const checkLimits: Check = function* (view) {
  const keys = new Set<string>();
  for (const { key, activeMax, rateCount, ratePeriod } of view.dag.keyLimits) {
    const subject = `has a limit for the key "${key}"`;
    if (keys.has(key)) yield view.ofDag(`${subject} twice; remove one`, key);
    keys.add(key);
    if (activeMax === 0 && rateCount === 0) {
      yield view.ofDag(`${subject} that limits nothing; set active_max or rate_count`, key);
    }
    if (rateCount > 0 && ratePeriod === undefined) {
      yield view.ofDag(`${subject} with rate_count but no rate_period; set it`, key);
    }
  }
  for (const task of view.dag.tasks) {
    for (const key of task.limitKeys.filter((each) => !keys.has(each))) {
      const hint = didYouMean(key, keys) || '; declare it in key_limits';
      yield view.ofTask(task, `has the limit key "${key}", which this DAG does not limit${hint}`);
    }
  }
  const unusual: readonly RunType[] = [RunType.UNSPECIFIED, RunType.CALLBACK];
  if (view.dag.allowedRunTypes.some((runType) => unusual.includes(runType))) {
    yield view.ofDag(
      'allows a run type that authors cannot choose; use scheduled, manual, backfill, asset_triggered or asset_materialization',
    );
  }
};
