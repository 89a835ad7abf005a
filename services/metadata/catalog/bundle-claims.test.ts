// Which version of a bundle is in force, whatever dag-processors that are behind say of it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { aDag, ledgerOf } from '../testing/builders.ts';
import { startMetadata, type TestMetadata } from '../testing/metadata.ts';

let postgres: TestPostgres;
let metadata: TestMetadata;
/** A bundle of its own for each test. */
let bundleName: string;
let testsCount = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  metadata = await startMetadata(await postgres.createDatabase());
});
beforeEach(() => {
  testsCount += 1;
  bundleName = `bundle_${testsCount}`;
});
afterAll(async () => {
  await metadata.stop();
  await postgres.stop();
});

const catalog = () => metadata.as('dag-processor', CatalogService);
const path = () => `${bundleName}://a.ts`;

const claim = async (bundleVersion: string, bundleSequence: bigint) => {
  const asked = { bundleName, bundleVersion, bundleSequence };
  const answer = await catalog().claimBundleVersion(asked);
  return [answer.bundleVersion, answer.bundleSequence];
};

/** Stores a DAG as it is in a version that was claimed; answers whether that was too late. */
const put = async (bundleVersion: string, bundleSequence: bigint, error = '') => {
  const dags = [aDag({ dagId: bundleName, description: bundleVersion })];
  const of = { bundleName, bundleVersion, bundleSequence };
  const file = { path: path(), digest: bundleVersion, dags, error };
  return (await catalog().putDagFile({ ...file, ...of })).isOutdated;
};

const remove = async (bundleSequence: bigint) =>
  (await catalog().removeDagFiles({ paths: [path()], bundleName, bundleSequence })).isOutdated;

const inForce = async () => {
  const { dag, version } = await ledgerOf(metadata).loadDag({ dagId: bundleName });
  return { version: version?.bundleVersion, isActive: dag?.isActive };
};

test('a claim counts when nothing was claimed since it was asked for', async () => {
  expect(await claim('', 0n)).toEqual(['', 0n]);
  expect(await claim('one', 0n)).toEqual(['one', 1n]);
  expect(await claim('', 0n)).toEqual(['one', 1n]);
  expect(await claim('two', 0n)).toEqual(['one', 1n]);
  expect(await claim('two', 1n)).toEqual(['two', 2n]);
  expect(await claim('one', 2n)).toEqual(['one', 3n]);
});

test('a claim that is made again, and one of the version in force, change nothing', async () => {
  expect(await claim('one', 0n)).toEqual(['one', 1n]);
  expect(await claim('one', 0n)).toEqual(['one', 1n]);
  expect(await claim('one', 1n)).toEqual(['one', 1n]);
});

test.each([
  ['the first ones', 0n],
  ['later ones', 1n],
])('of many claims at once one counts, and all are told which: %s', async (_, before) => {
  if (before > 0n) await claim('first', 0n);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const answers = await Promise.all(names.map((name) => claim(name, before)));
  const inForceNow = await claim('', 0n);
  expect(names).toContain(inForceNow[0]);
  expect(inForceNow[1]).toBe(before + 1n);
  expect(answers).toEqual(names.map(() => inForceNow));
});

test('an older version overwrites nothing, not even with its error', async () => {
  await claim('one', 0n);
  expect(await put('one', 1n)).toBe(false);
  await claim('two', 1n);
  expect(await put('two', 2n)).toBe(false);
  expect(await put('one', 1n)).toBe(true);
  expect(await put('one', 1n, 'broken')).toBe(true);
  expect(await inForce()).toEqual({ version: 'two', isActive: true });
  const { files } = await catalog().listDagFiles({});
  const file = files.find((each) => each.path === path());
  expect(file).toMatchObject({ digest: 'two', hasError: false });
});

test('an older version removes nothing', async () => {
  await claim('one', 0n);
  await claim('two', 1n);
  await put('two', 2n);
  expect(await remove(1n)).toBe(true);
  expect(await inForce()).toEqual({ version: 'two', isActive: true });
  expect(await remove(2n)).toBe(false);
  expect((await inForce()).isActive).toBe(false);
});

test('a branch that was set back is in force as a later version is', async () => {
  await claim('one', 0n);
  await claim('two', 1n);
  await claim('one', 2n);
  expect(await put('two', 2n)).toBe(true);
  expect(await put('one', 3n)).toBe(false);
});

test('what is said without a claim counts as it always did', async () => {
  await claim('one', 0n);
  await claim('two', 1n);
  expect(await put('old', 0n)).toBe(false);
  expect(await inForce()).toEqual({ version: 'old', isActive: true });
  expect(await remove(0n)).toBe(false);
});
