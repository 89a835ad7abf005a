// Extract, transform, load: one after the other.
import { dag } from '../../index.ts';

/** Its values are 1, 2, 3; ten times that; and their sum. */
export const etl = dag('etl', { schedule: '@daily' }, (d) => {
  const extract = d.task('extract', () => [1, 2, 3]);
  const transform = d.task('transform', { inputs: { rows: extract.output } }, (ctx) =>
    ctx.inputs.rows.map((row) => row * 10),
  );
  d.task('load', { inputs: { rows: transform.output } }, (ctx) => {
    ctx.log.info('loaded', ctx.inputs.rows.length, 'rows');
    return ctx.inputs.rows.reduce((sum, row) => sum + row, 0);
  });
});
