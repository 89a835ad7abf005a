// Which version of a bundle is in force, so that a dag-processor that is behind overwrites nothing.
import type { EntityManager } from 'typeorm';
import type { Catalog } from './source.ts';
import { catalogStatement as sql } from './statement.ts';

/** The version in force. */
export type BundleClaim = {
  /** Empty as long as none was claimed. */
  readonly bundleVersion: string;
  /** 0 as long as none was claimed. */
  readonly bundleSequence: bigint;
};

/** Something that was said of a bundle's files as they were by a claim. */
export type ClaimedBy = { readonly bundleName: string; readonly bundleSequence: bigint };

const CLAIM = sql('claim_bundle_version');
const IN_FORCE = `
  select bundle_version as "bundleVersion", sequence as "bundleSequence" from dag_bundle
  where bundle_name = $1`;

/**
 * One change of files at a time, so that two files cannot declare one DAG at the same moment, and
 * so that nothing of an earlier claim is stored after something of a later one.
 */
export const LOCK_FILES = `select pg_advisory_xact_lock(hashtext('dagmesh.dag_files'))`;

/**
 * Makes a version the one in force if `bundleSequence` still is; answers the one in force. An empty
 * version only asks. Idempotent.
 */
export async function claimBundleVersion(
  catalog: Catalog,
  { bundleName, bundleVersion, bundleSequence }: BundleClaim & { readonly bundleName: string },
): Promise<BundleClaim> {
  return catalog.change(async (manager) => {
    if (bundleVersion !== '') {
      await manager.query(CLAIM.text, [bundleName, bundleVersion, String(bundleSequence)]);
    }
    // A statement of its own: it sees what the claim has waited for.
    return readInForce(manager, bundleName);
  });
}

/**
 * Whether a later claim is in force than the one by which something is said. With the lock of the
 * files, nothing of a later claim is stored before the transaction ends.
 */
export async function isOutdated(
  manager: EntityManager,
  { bundleName, bundleSequence }: ClaimedBy,
): Promise<boolean> {
  if (bundleSequence === 0n) return false;
  const inForce = await readInForce(manager, bundleName);
  return bundleSequence < inForce.bundleSequence;
}

async function readInForce(manager: EntityManager, bundleName: string): Promise<BundleClaim> {
  const [row] = await manager.query<{ bundleVersion: string; bundleSequence: string }[]>(IN_FORCE, [
    bundleName,
  ]);
  if (row === undefined) return { bundleVersion: '', bundleSequence: 0n };
  return { ...row, bundleSequence: BigInt(row.bundleSequence) };
}
