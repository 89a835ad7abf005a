// The versions of bundles whose files runs may need now.
import type { Catalog } from './source.ts';
import { catalogStatement as sql } from './statement.ts';

/** A version of a bundle. */
export type BundleVersion = { readonly bundleName: string; readonly bundleVersion: string };

const LIST = sql('list_bundle_versions');

/** Those of active DAGs, and of runs that have not ended; each once. */
export async function listBundleVersions(catalog: Catalog): Promise<readonly BundleVersion[]> {
  return catalog.read((manager) => manager.query<BundleVersion[]>(LIST.text));
}
