// What a commit leaves out, because the ledger will not have it.
import { expect, test } from 'vitest';
import { aWorld } from '../testing/picture-world.ts';
import { createChangeSet, withoutLost } from './change-set.ts';

test('what a command answered is kept only with what it did: both go when the DAG is lost', () => {
  const { dag } = aWorld({ tasks: [{ taskId: 'a' }] });
  const changes = createChangeSet();
  const { dagId } = dag;
  const receipt = { requestId: 'r', dagId, dagRunId: '', runId: 'b', atMs: 0, run: undefined };
  changes.receipts.set(receipt, dag);
  withoutLost(changes);
  expect(changes.receipts.size).toBe(1);
  dag.isOwned = false;
  withoutLost(changes);
  expect(changes.receipts.size).toBe(0);
});
