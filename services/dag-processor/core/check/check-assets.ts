// The assets of a DAG: each name with one URI, each URI with one name; references name one.
import type { AssetRef, AssetSpec } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { assetRefs, leavesOf } from './asset-refs.ts';
import { readJson } from './check-json.ts';
import type { Check, DagView } from './dag-view.ts';
import type { Problem } from '../reading/import-error.ts';
import { didYouMean } from '../nearest.ts';

/** What is wrong with the assets. */
export const checkAssets: Check = function* (view) {
  const byName = new Map<string, AssetSpec>();
  const nameByUri = new Map<string, string>();
  for (const asset of view.dag.assets) {
    const { name, uri } = asset;
    const subject = `has an asset "${name}"`;
    for (const cause of assetCauses(asset)) yield view.ofDag(`${subject} ${cause}`, name);
    if (byName.has(name)) {
      yield view.ofDag(`${subject} declared in two ways; keep one of them`, name);
    }
    const twin = uri === '' ? undefined : nameByUri.get(uri);
    if (twin !== undefined && twin !== name) {
      yield view.ofDag(`${subject} with the uri "${uri}", which is that of "${twin}"`, name);
    }
    byName.set(name, byName.get(name) ?? asset);
    nameByUri.set(uri, nameByUri.get(uri) ?? name);
  }
  for (const ref of assetRefs(view.dag)) yield* refProblems(ref, byName, view);
  yield* mapperProblems(view);
};

function* assetCauses({ name, uri, extraJson, watchers }: AssetSpec): Iterable<string> {
  if (name.trim() === '') yield 'whose name is blank; give it one';
  if (/^airflow:/i.test(uri.trim())) {
    yield `with the uri "${uri}", whose scheme airflow: is reserved; use another`;
  }
  const extra = extraJson === '' ? undefined : readJson(extraJson);
  if (extra?.kind === 'bad') yield `whose extra ${extra.cause}`;
  else if (extra !== undefined && !extraJson.trimStart().startsWith('{')) {
    yield 'whose extra is no object; give values by name';
  }
  const names = watchers.map((watcher) => watcher.name);
  const twin = names.find((each, at) => names.indexOf(each) !== at);
  if (twin !== undefined) yield `with two watchers "${twin}"; rename one`;
}

function* refProblems(
  { name, uri }: AssetRef,
  declared: ReadonlyMap<string, AssetSpec>,
  view: DagView,
): Iterable<Problem> {
  if (name === '' && uri === '') {
    yield view.ofDag('refers to an asset without name and uri; give one of them');
    return;
  }
  const known = declared.get(name)?.uri ?? '';
  if (uri !== '' && known !== '' && known !== uri) {
    yield view.ofDag(
      `refers to the asset "${name}" with the uri "${uri}", but it is declared with "${known}"`,
      name,
    );
  }
}

function* mapperProblems(view: DagView): Iterable<Problem> {
  const { kind } = view.dag.timetable ?? {};
  if (kind?.case !== 'partitionedAsset') return;
  const leaves = [...leavesOf(kind.value.condition)];
  const names = new Set(leaves.map((leaf) => (leaf.case === 'asset' ? leaf.value.name : '')));
  // What comes through an alias, or by a URI alone, has a name that shows only later.
  if (names.has('')) return;
  for (const name of Object.keys(kind.value.mappers)) {
    if (names.has(name)) continue;
    const hint = didYouMean(name, names);
    yield view.ofDag(
      `maps partitions of "${name}", which its condition does not name${hint}`,
      name,
    );
  }
}
