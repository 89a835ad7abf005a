// Stores what came of parsing one file: new versions of its DAGs, or why there are none.
import { type EntityManager, In } from 'typeorm';
import type { PutDagFileRequest } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { type ConnectError, fail, reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { checkAssets, storeAssets } from './assets.ts';
import { isOutdated, LOCK_FILES } from './bundle-claims.ts';
import { draftVersion, type VersionDraft } from './dag-version.ts';
import { Dag, type DagEntity, DagFile, DagVersion } from './entities.ts';
import { announce, type Catalog } from './source.ts';

/** What became of a file. */
export type FileOutcome =
  | { readonly kind: 'stored'; readonly changedDagIds: readonly string[] }
  /** Its import error was stored; the last good versions of its DAGs stay in force. */
  | { readonly kind: 'import_error' }
  /** Nothing: another version of its bundle is in force by now. */
  | { readonly kind: 'outdated' }
  /**
   * It could not be stored as it is, which is now its import error; the caller should know as well.
   */
  | { readonly kind: 'refused'; readonly reason: ConnectError };

/** Stores the outcome of a parse, all of it or only its error. Idempotent. */
export async function putDagFile(
  catalog: Catalog,
  request: PutDagFileRequest,
  nowMs: number,
): Promise<FileOutcome> {
  return catalog.change(async (manager) => {
    await manager.query(LOCK_FILES);
    if (await isOutdated(manager, request)) return { kind: 'outdated' };
    const putFile = (error: string) =>
      manager.upsert(
        DagFile,
        { path: request.path, digest: request.digest, error, parsedAt: new Date(nowMs) },
        ['path'],
      );
    if (request.error !== '') {
      await putFile(request.error);
      return { kind: 'import_error' };
    }
    const checked = await checkDags(manager, request);
    if (checked.kind === 'refused') {
      await putFile(checked.reason.rawMessage);
      return checked;
    }
    await putFile('');
    const { drafts, known } = checked;
    const changedDagIds = await storeVersions(manager, drafts, known);
    const activeDagIds = await activate(manager, drafts, known);
    const goneDagIds = await deactivateUndeclared(manager, request);
    const toldDagIds = new Set([...changedDagIds, ...activeDagIds]);
    const told = request.dags.filter((spec) => toldDagIds.has(spec.dagId));
    await storeAssets(manager, told, goneDagIds);
    const dagIds = [...toldDagIds, ...goneDagIds];
    await announce(manager, { dagIds, pools: [] });
    return { kind: 'stored', changedDagIds };
  });
}

/** DAGs as they are in the catalog, by id, with the digest and number of their current version. */
type KnownDags = ReadonlyMap<string, DagEntity & { digest: Buffer; versionNumber: number }>;

type Checked =
  | { readonly kind: 'good'; readonly drafts: readonly VersionDraft[]; readonly known: KnownDags }
  | { readonly kind: 'refused'; readonly reason: ConnectError };

async function checkDags(manager: EntityManager, request: PutDagFileRequest): Promise<Checked> {
  const known = await readKnown(
    manager,
    request.dags.map((spec) => spec.dagId),
  );
  try {
    const drafts = draftAll(request, known);
    const ofFile = await manager.findBy(Dag, { dagFile: request.path });
    const fileDagIds = ofFile.map((dag) => dag.dagId);
    await checkAssets(manager, request.dags, fileDagIds);
    return { kind: 'good', drafts, known };
  } catch (error) {
    if (reasonOf(error) === undefined) throw error;
    return { kind: 'refused', reason: error as ConnectError };
  }
}

function draftAll(request: PutDagFileRequest, known: KnownDags): readonly VersionDraft[] {
  const seen = new Set<string>();
  return request.dags.map((spec) => {
    const { dagId } = spec;
    const dag = known.get(dagId);
    if (dag?.isActive && dag.dagFile !== request.path) {
      throw fail(
        'dag_id_taken',
        `DAG "${dagId}" is declared by "${dag.dagFile}" already; give one of them another dag_id`,
        { details: { dagId, dagFile: dag.dagFile } },
      );
    }
    if (seen.has(dagId)) {
      throw fail('dag_id_taken', `DAG "${dagId}" is declared twice; give one another dag_id`);
    }
    seen.add(dagId);
    return draftVersion(spec, request);
  });
}

async function readKnown(manager: EntityManager, dagIds: readonly string[]): Promise<KnownDags> {
  const dags = await manager.findBy(Dag, { dagId: In([...dagIds]) });
  const versions = await manager.find(DagVersion, {
    select: { id: true, digest: true, versionNumber: true },
    where: { id: In(dags.map((dag) => dag.dagVersionId)) },
  });
  const versionById = new Map(versions.map((version) => [version.id, version]));
  return new Map(
    dags.flatMap((dag) => {
      const version = versionById.get(dag.dagVersionId);
      if (version === undefined) return [];
      const { digest, versionNumber } = version;
      return [[dag.dagId, { ...dag, digest, versionNumber }]];
    }),
  );
}

/** Makes a version of each DAG that is new or differs from its current one; answers their ids. */
async function storeVersions(
  manager: EntityManager,
  drafts: readonly VersionDraft[],
  known: KnownDags,
): Promise<readonly string[]> {
  const changed = drafts.filter((draft) => !known.get(draft.dagId)?.digest.equals(draft.digest));
  for (const { isPausedUponCreation, ...draft } of changed) {
    const dag = known.get(draft.dagId);
    const versionNumber = (dag?.versionNumber ?? 0) + 1;
    const version = { ...draft, versionNumber };
    const { identifiers } = await manager.insert(DagVersion, version);
    const dagVersionId = String(identifiers[0]?.['id']);
    const place = { dagVersionId, dagFile: draft.dagFile, isActive: true };
    // Whether a known DAG is paused is its owner's to say, at any moment: it is not written here.
    if (dag !== undefined) await manager.update(Dag, { dagId: draft.dagId }, place);
    else {
      const { dagId } = draft;
      const partition = partitionOf(dagId);
      await manager.insert(Dag, { dagId, partition, ...place, isPaused: isPausedUponCreation });
    }
  }
  return changed.map((draft) => draft.dagId);
}

/** DAGs whose file came back as it was. */
async function activate(
  manager: EntityManager,
  drafts: readonly VersionDraft[],
  known: KnownDags,
): Promise<readonly string[]> {
  const dagIds = drafts
    .map((draft) => draft.dagId)
    .filter((id) => known.get(id)?.isActive === false);
  if (dagIds.length > 0) await manager.update(Dag, { dagId: In(dagIds) }, { isActive: true });
  return dagIds;
}

/** DAGs that the file used to declare. */
async function deactivateUndeclared(
  manager: EntityManager,
  request: PutDagFileRequest,
): Promise<readonly string[]> {
  const declared = new Set(request.dags.map((spec) => spec.dagId));
  const active = await manager.findBy(Dag, { dagFile: request.path, isActive: true });
  const dagIds = active.map((dag) => dag.dagId).filter((id) => !declared.has(id));
  if (dagIds.length > 0) await manager.update(Dag, { dagId: In(dagIds) }, { isActive: false });
  return dagIds;
}
