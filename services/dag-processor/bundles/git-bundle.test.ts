// Which commit of a bundle is taken up, when other dag-processors fetch it as well.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BundleClaim } from '../catalog/catalog-store.ts';
import { createGitBundle } from './git-bundle.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dagmesh-claims-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A bundle over a repository and claims that the test plays; `onFetch` happens meanwhile. */
function aBundle(remote: { newest: string }) {
  const catalog = { version: '', sequence: 0n };
  const world = { fetchesCount: 0, isAway: false, refusal: '', here: '', onFetch: () => {} };
  const others = (version: string) => {
    catalog.version = version;
    catalog.sequence += 1n;
  };
  const claim = async (_name: string, asked: BundleClaim): Promise<BundleClaim> => {
    if (world.refusal !== '') throw new Error(world.refusal);
    const isNews = asked.bundleVersion !== '' && asked.bundleVersion !== catalog.version;
    if (isNews && asked.bundleSequence === catalog.sequence) others(asked.bundleVersion);
    return { bundleVersion: catalog.version, bundleSequence: catalog.sequence };
  };
  const bundle = createGitBundle({
    ...{ bundleName: 'team', ignoreSyntax: 'glob', claim },
    repository: {
      fetch: async () => {
        world.fetchesCount += 1;
        if (world.isAway) throw new Error('it is away');
        world.here = remote.newest;
        world.onFetch();
      },
      newest: async () => world.here,
      tidy: async () => undefined,
      checkOut: async () => undefined,
      list: async () => '',
    },
    checkouts: { take: async () => root, has: async () => true, prune: async () => undefined },
  });
  return { bundle, world, others, sequence: () => catalog.sequence };
}

test('a commit that nobody has claimed is claimed, and taken up', async () => {
  const { bundle } = aBundle({ newest: 'one' });
  expect(await bundle.refresh()).toEqual({ isChanged: true, problem: undefined });
  expect(bundle.tree()).toMatchObject({ version: 'one', sequence: 1n });
  expect(await bundle.refresh()).toEqual({ isChanged: false, problem: undefined });
});

test('a commit that another one has claimed is taken up by its claim', async () => {
  const { bundle, others, sequence } = aBundle({ newest: 'two' });
  others('one');
  others('two');
  await bundle.refresh();
  expect(bundle.tree()).toMatchObject({ version: 'two', sequence: 2n });
  expect(sequence()).toBe(2n);
});

test('when another one claims while we fetch, we fetch again before we claim', async () => {
  const remote = { newest: 'old' };
  const { bundle, world, others } = aBundle(remote);
  world.onFetch = () => {
    world.onFetch = () => {};
    others('newer');
    remote.newest = 'newer';
  };
  await bundle.refresh();
  expect(world.fetchesCount).toBe(2);
  expect(bundle.tree()).toMatchObject({ version: 'newer', sequence: 1n });
});

test('one that is always too late leaves it to the others, and is as it was', async () => {
  const { bundle, world, others } = aBundle({ newest: 'one' });
  await bundle.refresh();
  let count = 0;
  world.onFetch = () => {
    count += 1;
    others(`theirs ${count}`);
  };
  expect(await bundle.refresh()).toEqual({ isChanged: false, problem: undefined });
  expect(bundle.tree()).toMatchObject({ version: 'one', sequence: 1n });
});

test('a repository that is away is as it was here, but not when another one is ahead', async () => {
  const { bundle, world, others } = aBundle({ newest: '' });
  others('one');
  Object.assign(world, { isAway: true, here: 'one' });
  expect(await bundle.refresh()).toEqual({ isChanged: true, problem: 'it is away' });
  expect(bundle.tree()).toMatchObject({ version: 'one', sequence: 1n });

  const behind = aBundle({ newest: '' });
  behind.others('one');
  behind.others('two');
  Object.assign(behind.world, { isAway: true, here: 'one' });
  expect(await behind.bundle.refresh()).toEqual({ isChanged: false, problem: 'it is away' });
  expect(() => behind.bundle.tree()).toThrow('it is away');
});

test('a catalog that refuses is a problem, and tried again', async () => {
  const { bundle, world } = aBundle({ newest: 'one' });
  world.refusal = 'it cannot be said which version counts';
  expect(await bundle.refresh()).toEqual({ isChanged: false, problem: world.refusal });
  world.refusal = '';
  expect(await bundle.refresh()).toEqual({ isChanged: true, problem: undefined });
});

test('a branch that was set back by others has another claim, though we knew the commit', async () => {
  const remote = { newest: 'one' };
  const { bundle, others } = aBundle(remote);
  await bundle.refresh();
  others('two');
  others('one');
  expect(await bundle.refresh()).toEqual({ isChanged: true, problem: undefined });
  expect(bundle.tree()).toMatchObject({ version: 'one', sequence: 3n });
});
