// What callbacks are told as time passes, for tests of promises.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { keepAgenda } from '../core/sweep.ts';
import type { World } from './picture-world.ts';

/** Lets seconds pass; answers the contexts of the callbacks that were started meanwhile. */
export function toldAfter(world: World, seconds: number) {
  const before = new Set(world.dag.runs.keys());
  world.nowMs += seconds * 1_000;
  world.decide((deciding, moment) => keepAgenda(deciding, moment, 1_000));
  world.commit();
  return [...world.dag.runs.values()]
    .filter(({ runId, runType }) => runType === RunType.CALLBACK && !before.has(runId))
    .map(({ confJson }) => JSON.parse(confJson).context);
}
