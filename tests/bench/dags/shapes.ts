// The shapes that the benchmark runs: a long chain, a short chain, a wide fan-out, a mapped task.
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

export const mapped = dag('bench_mapped', { defaultArgs: open, maxActiveTasks: 100_000 }, (d) => {
  const groups = d.task('groups', () => Array.from({ length: 1000 }, (_, i) => i));
  const parts = Array.from({ length: 100 }, (_, i) => i);
  d.partial('work', {}, nothing).expand({ group: groups.output, part: parts });
});
