// Setup and teardown: the cluster is deleted also when the work on it fails, and only the work
// decides whether the run has failed.
import { dag } from '@dagmesh/sdk';

dag('typescript_setup_teardown', { tags: ['example'] }, (d) => {
  const create = d.task('create_cluster', () => 'cluster-1');
  const inputs = { name: create.output };
  const remove = d
    .task('delete_cluster', { inputs }, (ctx) => console.log(`${ctx.inputs.name} is gone`))
    .asTeardown({ setups: create });
  d.scope(remove, () => {
    d.task('work', { inputs }, (ctx) => console.log(`working on ${ctx.inputs.name}`));
    d.task('more_work', { inputs }, (ctx) => console.log(`and again on ${ctx.inputs.name}`));
  });
});
