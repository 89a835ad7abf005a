// Where the files of a lease's DAG are: the DAG folder, or the checkout of a bundle.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Lease } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';

/** The files of a DAG on this machine. */
export type Files =
  | { readonly kind: 'found'; readonly folder: string }
  /** They are not here, and why, in a sentence for a person. */
  | { readonly kind: 'missing'; readonly reason: string };

/** One step of a path, which leads nowhere else. */
const NAME = /^(?!\.\.?$)[^/\\\0]{1,250}$/;

/**
 * The folder with the files of a lease. A bundle's version is a checkout that the dag-processor of
 * this machine has made; it never changes.
 */
export function filesOf(
  { bundleName, bundleVersion }: Pick<Lease, 'bundleName' | 'bundleVersion'>,
  { dagsFolder, bundlesFolder }: { readonly dagsFolder: string; readonly bundlesFolder: string },
): Files {
  if (bundleName === '') return { kind: 'found', folder: dagsFolder };
  const bundle = `version "${bundleVersion}" of the bundle "${bundleName}"`;
  if (!NAME.test(bundleName) || !NAME.test(bundleVersion)) {
    return { kind: 'missing', reason: `The lease names ${bundle}, which is no path.` };
  }
  const folder = join(bundlesFolder, bundleName, bundleVersion);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return { kind: 'found', folder };
  const reason =
    `This worker has no checkout of ${bundle}: there is no folder ${folder}. Run a ` +
    'dag-processor on this machine with the same DAGMESH_BUNDLES_FOLDER.';
  return { kind: 'missing', reason };
}
