// The shapes that the benchmark runs: a long chain, a short chain, a wide fan-out.
import { chain, dag } from '@dagmesh/sdk';
import { mark, nothing } from './mark.ts';

const open = { pool: 'bench' };

export const chain40 = dag('bench_chain40', { defaultArgs: open }, (d) => {
  const tasks = Array.from({ length: 40 }, (_, i) => d.task(`t${i}`, (ctx) => mark(ctx)));
  chain(...tasks);
});

export const chain10 = dag('bench_chain10', { defaultArgs: open, maxActiveRuns: 1000 }, (d) => {
  const tasks = Array.from({ length: 10 }, (_, i) => d.task(`t${i}`, nothing));
  chain(...tasks);
});

export const fanout = dag('bench_fanout', { defaultArgs: open, maxActiveTasks: 10_000 }, (d) => {
  const root = d.task('root', nothing);
  for (let i = 0; i < 9_999; i += 1) root.downstream(d.task(`t${i}`, nothing));
});
