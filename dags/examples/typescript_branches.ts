// Ways through a DAG: a branch, a short circuit, and tasks for the latest run alone.
import { branch, chain, dag, label, param, shortCircuit } from '@dagmesh/sdk';

const params = { rows: param({ type: 'integer', minimum: 0, default: 3 }) };

dag('typescript_branches', { params, tags: ['example'] }, (d) => {
  const hasRows = d.task(
    'has_rows',
    shortCircuit((ctx) => Number(ctx.params.rows) > 0),
  );
  const choose = d.task(
    'choose',
    branch((ctx) => (Number(ctx.params.rows) > 100 ? 'in_bulk' : 'one_by_one')),
  );
  const [inBulk, oneByOne] = [d.emptyTask('in_bulk'), d.emptyTask('one_by_one')];
  const join = d.emptyTask('join', { triggerRule: 'none_failed_min_one_success' });
  chain(hasRows, choose);
  chain(choose, label('many'), inBulk, join);
  chain(choose, label('few'), oneByOne, join);
  chain(join, d.latestOnly('latest'), d.emptyTask('publish'));
});
