// A mapped group: the same steps for each customer, each customer on its own.
import { chain, dag } from '@dagmesh/sdk';

dag('typescript_mapped_group', { tags: ['example'] }, (d) => {
  const customers = d.task('customers', () => ['ada', 'bob', 'cleo']);
  const each = d.group('customer', { expand: { name: customers.output } }, (g, { name }) => {
    const bill = g.task('bill', { inputs: { name } }, ({ inputs }) => `bill for ${inputs.name}`);
    g.task('send', { inputs: { bill: bill.output } }, ({ inputs }) => {
      console.log(`sent: ${inputs.bill}`);
    });
  });
  chain(each, d.emptyTask('done'));
});
