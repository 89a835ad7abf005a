// The DAG files that are known: listed for the dag-processor, forgotten when they vanish.
import { storeAssets } from './assets.ts';
import { type ClaimedBy, isOutdated, LOCK_FILES } from './bundle-claims.ts';
import type { DagFileRow } from './entities.ts';
import { Dag, DagFile } from './entities.ts';
import { announce, type Catalog } from './source.ts';

/** A file without its error's text. */
export type KnownFile = Pick<DagFileRow, 'path' | 'digest'> & { readonly hasError: boolean };

/** All files by path. */
export async function listDagFiles(catalog: Catalog): Promise<readonly KnownFile[]> {
  const files = await catalog.read((manager) => manager.find(DagFile, { order: { path: 'asc' } }));
  return files.map(({ path, digest, error }) => ({ path, digest, hasError: error !== '' }));
}

/**
 * Forgets files and makes their DAGs inactive; answers the ids of those, or that another version of
 * the bundle is in force by now, so that nothing was done. Idempotent.
 */
export async function removeDagFiles(
  catalog: Catalog,
  { paths, ...claim }: ClaimedBy & { readonly paths: readonly string[] },
): Promise<readonly string[] | 'outdated'> {
  return catalog.change(async (manager) => {
    await manager.query(LOCK_FILES);
    if (await isOutdated(manager, claim)) return 'outdated';
    await manager
      .createQueryBuilder()
      .delete()
      .from(DagFile)
      .where('path = any(:paths)', { paths })
      .execute();
    const updated = await manager
      .createQueryBuilder()
      .update(Dag)
      .set({ isActive: false })
      .where('dag_file = any(:paths) and is_active', { paths })
      .returning('dag_id')
      .execute();
    const rows: readonly { readonly dag_id: string }[] = updated.raw;
    const dagIds = rows.map((row) => row.dag_id).sort();
    await storeAssets(manager, [], dagIds);
    await announce(manager, { dagIds, pools: [] });
    return dagIds;
  });
}
