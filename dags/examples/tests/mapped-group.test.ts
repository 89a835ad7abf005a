// A mapped group: each customer's steps follow that customer's own, whatever happens to others.
import { dagsIn, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_mapped_group.ts', import.meta.url));

test('the failure of one customer stops nobody else', async () => {
  const bodies = {
    'customer.bill': ({ inputs }: { readonly inputs: { readonly name: string } }) => {
      if (inputs.name === 'bob') throw new Error('bob has moved');
      return `bill for ${inputs.name}`;
    },
  };
  await using group = await testDag(await dags, { bodies });
  const run = await group.run();
  expect(run.tasks).toEqual({
    customers: 'success',
    'customer.bill[0]': 'success',
    'customer.bill[1]': 'failed',
    'customer.bill[2]': 'success',
    'customer.send[0]': 'success',
    'customer.send[1]': 'upstream_failed',
    'customer.send[2]': 'success',
    done: 'upstream_failed',
  });
});
