// 1,000 DAGs of one task each, all due at the full minute.
import { cron, dag } from '@dagmesh/sdk';

for (let i = 0; i < 1_000; i += 1) {
  dag(`minutely_${i}`, { schedule: cron('* * * * *'), defaultArgs: { pool: 'bench' } }, (d) => {
    d.task('tick', async () => {});
  });
}
