// Receipts: a command that is sent again under its request id gets the answer that it got.
import type { Dag } from '../core/dag.ts';
import type { Deciding } from '../core/deciding.ts';
import type { Picture, Receipt } from '../core/picture.ts';
import { fail } from '#kernel/errors/errors.ts';

/** What a command made under this request id before; `bad_request` when it was another command. */
export function findReceipt(
  picture: Picture,
  asked: { readonly requestId: string; readonly dagId: string; readonly makesRun: boolean },
): Receipt | undefined {
  const { requestId, dagId, makesRun } = asked;
  const known = picture.receipts.get(requestId);
  if (known === undefined) return undefined;
  if (known.dagId === dagId && (known.dagRunId !== '') === makesRun) return known;
  throw fail(
    'bad_request',
    `request_id "${requestId}" was used for something else; choose another`,
  );
}

/** Remembers what a command about a DAG made, in the commit that makes it. */
export function giveReceipt({ picture, changes }: Deciding, dag: Dag, receipt: Receipt): void {
  picture.receipts.set(receipt.requestId, receipt);
  changes.receipts.set(receipt, dag);
}
