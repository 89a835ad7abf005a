// Groups in groups, default arguments, and words on edges.
import { chain, chainLinear, dag, label } from '@dagmesh/sdk';

dag('typescript_groups', { tags: ['example'] }, (d) => {
  const load = d.group('load', { tooltip: 'All sources', defaultArgs: { retries: 2 } }, (g) => {
    const check = g.emptyTask('check');
    const shops = g.group('shops', (shop) => {
      shop.task('north', () => 12);
      shop.task('south', () => 30);
    });
    chain(check, label('all there'), shops);
  });
  const reports = ['daily', 'weekly'].map((name) => d.emptyTask(name));
  chainLinear(load, reports, d.emptyTask('done'));
});
