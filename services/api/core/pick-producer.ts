// Which DAG makes an asset when somebody wants it made.
import { fail } from '#kernel/errors/errors.ts';

/**
 * The DAG to run: the wanted one if it makes the asset, else the only one that does. Errors:
 * NOT_FOUND (`no_producer`), FAILED_PRECONDITION (`several_producers`).
 */
export function pickProducer({
  assetName,
  dagIds,
  wanted,
}: {
  readonly assetName: string;
  /** The DAGs with a task that makes it; one may be named several times. */
  readonly dagIds: readonly string[];
  /** Empty means any. */
  readonly wanted: string;
}): string {
  const known = [...new Set(dagIds)].toSorted();
  const [only, ...others] = wanted === '' ? known : known.filter((dagId) => dagId === wanted);
  if (only === undefined) {
    throw fail('no_producer', `${noProducer(assetName, wanted)}; see it with: ${show(assetName)}`);
  }
  if (others.length > 0) {
    const all = known.join(', ');
    throw fail(
      'several_producers',
      `several DAGs make "${assetName}" (${all}); say which one: --dag <dag-id>`,
    );
  }
  return only;
}

function noProducer(assetName: string, wanted: string): string {
  return wanted === ''
    ? `no DAG makes "${assetName}"`
    : `DAG "${wanted}" does not make "${assetName}"`;
}

function show(assetName: string): string {
  return `dagmesh assets show ${assetName}`;
}
