// What DAGs say about assets, stored beside their versions: who declares, watches, awaits, reads
// and makes which.
import { toBinary } from '@bufbuild/protobuf';
import type { EntityManager } from 'typeorm';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { type TriggerSpec, TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { assetFactsOf, uriOf, type Watcher } from '../core/asset-refs.ts';
import type { Statement } from '../ledger/database/statement.ts';
import { catalogStatement as sql } from './statement.ts';

type Conflict = {
  readonly name: string;
  readonly uri: string;
  readonly asset_name: string;
  readonly asset_uri: string;
  readonly dag_id: string;
};

const FIND_CONFLICT = sql<Conflict>('find_asset_conflict');
const FORGET = sql('forget_dag_assets');
const PUT_ASSETS = sql('put_assets');
const PUT_CONSUMERS = sql('put_asset_consumers');
const PUT_WATCHERS = sql('put_asset_watchers');
const PUT_PORTS = sql('put_asset_ports');
const PUT_ALIASES = sql('put_aliases');
const RETIRE = sql('retire_assets');
const DROP_DELIVERIES = sql('drop_unawaited_deliveries');

/**
 * Throws `asset_conflict`, naming both, when two DAGs give one name two URIs, or one URI two names.
 * `fileDagIds` are the DAGs that the file declared so far: what they said counts no more.
 */
export async function checkAssets(
  manager: EntityManager,
  specs: readonly DagSpec[],
  fileDagIds: readonly string[],
): Promise<void> {
  const declared = specs.flatMap(({ dagId, assets }) =>
    assets.map((asset) => ({ dagId, name: asset.name, uri: uriOf(asset) })),
  );
  const byName = new Map(declared.map((asset) => [asset.name, asset]));
  const byUri = new Map(declared.map((asset) => [asset.uri, asset]));
  for (const asset of declared) {
    for (const other of [byName.get(asset.name), byUri.get(asset.uri)]) {
      if (other === undefined) continue;
      if (other.name !== asset.name || other.uri !== asset.uri) throw conflict(asset, other);
    }
  }
  const names = declared.map((asset) => asset.name);
  const uris = declared.map((asset) => asset.uri);
  const uncounted = [...specs.map((spec) => spec.dagId), ...fileDagIds];
  const [found] = await send(manager, FIND_CONFLICT, [names, uris, uncounted]);
  if (found === undefined) return;
  const other = { dagId: found.dag_id, name: found.asset_name, uri: found.asset_uri };
  throw conflict(found, other);
}

/**
 * Replaces what these DAGs say about assets; DAGs that are gone say nothing any more. What waits
 * for a DAG that does not await it any more is dropped.
 */
export async function storeAssets(
  manager: EntityManager,
  specs: readonly DagSpec[],
  goneDagIds: readonly string[],
): Promise<void> {
  const dagIds = [...specs.map((spec) => spec.dagId), ...goneDagIds];
  if (dagIds.length === 0) return;
  // The driver answers a DELETE with its rows and their number.
  const [forgotten] = await manager.query<[{ readonly asset_name: string }[], number]>(
    FORGET.text,
    [dagIds],
  );
  for (const spec of specs) await storeSpec(manager, spec);
  const names = [...new Set(forgotten.map((row) => row.asset_name))];
  if (names.length > 0) await send(manager, RETIRE, [names]);
  await send(manager, DROP_DELIVERIES, [dagIds]);
}

async function storeSpec(manager: EntityManager, spec: DagSpec): Promise<void> {
  const { dagId } = spec;
  const { assets, watchers, consumed, ports } = assetFactsOf(spec);
  if (assets.length > 0) {
    await send(manager, PUT_ASSETS, [
      dagId,
      assets.map((asset) => asset.name),
      assets.map(uriOf),
      assets.map((asset) => asset.group),
      assets.map((asset) => asset.extraJson),
    ]);
  }
  if (watchers.length > 0) await send(manager, PUT_WATCHERS, [dagId, ...columnsOf(watchers)]);
  if (consumed.length > 0) {
    const kinds = consumed.map((one) => one.kind);
    await send(manager, PUT_CONSUMERS, [dagId, kinds, consumed.map((one) => one.ref)]);
  }
  if (ports.length > 0) {
    await send(manager, PUT_PORTS, [
      dagId,
      ports.map((port) => port.taskId),
      ports.map((port) => port.direction),
      ports.map((port) => port.kind),
      ports.map((port) => port.ref),
    ]);
  }
  const aliases = [...consumed, ...ports].filter((one) => one.kind === 'alias');
  if (aliases.length > 0) {
    await send(manager, PUT_ALIASES, [[...new Set(aliases.map((one) => one.ref))]]);
  }
}

function columnsOf(watchers: readonly Watcher[]) {
  return [
    watchers.map(({ assetName }) => assetName),
    watchers.map(({ watcher }) => watcher.name),
    watchers.map(({ assetName }) => partitionOf(assetName)),
    watchers.map(({ watcher }) => hexOf(watcher.trigger)),
  ];
}

function hexOf(trigger: TriggerSpec | undefined): string {
  if (trigger === undefined) return '';
  return Buffer.from(toBinary(TriggerSpecSchema, trigger)).toString('hex');
}

function send<Row>(
  manager: EntityManager,
  statement: Statement<Row>,
  values: readonly (string | readonly (string | number)[])[],
): Promise<Row[]> {
  return manager.query(statement.text, [...values]);
}

type Declared = { readonly name: string; readonly uri: string };

function conflict(asset: Declared, other: Declared & { readonly dagId: string }) {
  return fail(
    'asset_conflict',
    `asset "${asset.name}" at "${asset.uri}" is asset "${other.name}" at "${other.uri}" in DAG ` +
      `"${other.dagId}"; give both the same name and URI, or different ones`,
    { details: { assetName: asset.name, otherDagId: other.dagId } },
  );
}
