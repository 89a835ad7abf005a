// Bundles beside the DAG folder: real git repositories, real checkouts, files that do not clash.
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../tests/kit/wait.ts';
import type { BundleConfig } from '../core/bundle/bundle.ts';
import { aYamlFile, createTestMesh, type TestMesh } from '../test-mesh.ts';
import { createTestRepository } from '../test-repository.ts';

let mesh: TestMesh;
let folder: string;

beforeEach(async () => {
  mesh = await createTestMesh();
  folder = await mkdtemp(join(tmpdir(), 'dagmesh-bundles-'));
});

afterEach(async () => {
  await mesh.end();
  await rm(folder, { recursive: true, force: true });
});

const aRepository = (name: string) => createTestRepository(join(folder, 'origin', name));

function aGitBundle(name: string, url: string, more: { ref?: string; subfolder?: string } = {}) {
  const bundle: BundleConfig = {
    ...{ kind: 'git', name, url, ref: 'main', subfolder: '', refreshMs: 100 },
    ...more,
  };
  return bundle;
}

function start(bundles: readonly BundleConfig[]) {
  return mesh.start({ bundles, bundlesFolder: join(folder, 'checkouts') });
}

test('a git bundle is checked out, and its DAGs know their commit', async () => {
  const repository = aRepository('team');
  const commit = repository.commit({ 'a.yaml': aYamlFile('a'), 'query.sql': 'select 1' });
  await start([aGitBundle('team', repository.root)]);
  expect(await mesh.stored('team://a.yaml')).toMatchObject({
    ...{ error: '', bundleName: 'team', bundleVersion: commit },
    dags: [{ dagId: 'a' }],
  });
  const checkout = join(folder, 'checkouts', 'team', commit);
  expect(await readFile(join(checkout, 'query.sql'), 'utf8')).toBe('select 1');
});

test('without a ref the branch counts that the repository offers first', async () => {
  const repository = aRepository('team');
  repository.commit({ 'a.yaml': aYamlFile('a') });
  repository.git('checkout', '--quiet', '-b', 'trunk');
  const trunk = repository.commit({ 'a.yaml': aYamlFile('a', 'of_trunk') });
  await start([aGitBundle('team', repository.root, { ref: '' })]);
  await mesh.storedWhen('team://a.yaml', 'trunk is read', (file) => file?.bundleVersion === trunk);
  repository.git('checkout', '--quiet', 'main');
  const main = repository.commit({ 'a.yaml': aYamlFile('a', 'of_main') });
  await mesh.storedWhen('team://a.yaml', 'main is read', (file) => file?.bundleVersion === main);
});

test('all files are parsed but those of a bundle that is not here yet', async () => {
  const repository = aRepository('team');
  repository.commit({ 'a.yaml': aYamlFile('a') });
  await mesh.write('of_folder.yaml', aYamlFile('of_folder'));
  await start([
    aGitBundle('team', repository.root),
    aGitBundle('away', join(folder, 'origin', 'nobody')),
  ]);
  await mesh.stored('team://a.yaml');
  const { files } = await mesh.client.parseFiles({});
  expect(files.map(({ path }) => path).sort()).toEqual(['of_folder.yaml', 'team://a.yaml']);
  await expect(mesh.client.parseFiles({ paths: ['away://a.yaml'] })).rejects.toThrow(
    'bundle "away" cannot be read now',
  );
});

test('a file that a commit removes takes its DAGs with it', async () => {
  const repository = aRepository('team');
  repository.commit({ 'a.yaml': aYamlFile('a'), 'b.yaml': aYamlFile('b') });
  await start([aGitBundle('team', repository.root)]);
  await mesh.stored('team://a.yaml');
  repository.git('rm', '--quiet', 'a.yaml');
  repository.commit({});
  await mesh.storedWhen('team://a.yaml', 'the file is forgotten', (file) => file === undefined);
});

test('only the subfolder is checked out, as the root of the bundle', async () => {
  const repository = aRepository('mono');
  const commit = repository.commit({
    'etl/dags/a.yaml': aYamlFile('a'),
    'web/b.yaml': aYamlFile('b'),
  });
  await start([aGitBundle('mono', repository.root, { subfolder: 'etl/dags' })]);
  await mesh.stored('mono://a.yaml');
  expect(await readdir(join(folder, 'checkouts', 'mono', commit))).toEqual(['a.yaml']);
});

test('another subfolder of a commit that is checked out is checked out anew', async () => {
  const repository = aRepository('mono');
  repository.commit({ 'etl/a.yaml': aYamlFile('a'), 'web/b.yaml': aYamlFile('b') });
  await start([aGitBundle('mono', repository.root, { subfolder: 'etl' })]);
  await mesh.stored('mono://a.yaml');
  await mesh.stop();
  await start([aGitBundle('mono', repository.root, { subfolder: 'web' })]);
  await mesh.stored('mono://b.yaml');
});

test('a tag and a commit are refs as well as a branch', async () => {
  const repository = aRepository('team');
  const old = repository.commit({ 'a.yaml': aYamlFile('a', 'old') });
  repository.git('tag', 'v1');
  repository.commit({ 'a.yaml': aYamlFile('a', 'new') });
  await start([
    aGitBundle('tagged', repository.root, { ref: 'v1' }),
    aGitBundle('pinned', repository.root, { ref: old }),
  ]);
  await mesh.storedWhen(
    'tagged://a.yaml',
    'the tag is read',
    (file) => file?.bundleVersion === old,
  );
  await mesh.storedWhen(
    'pinned://a.yaml',
    'the commit is read',
    (file) => file?.bundleVersion === old,
  );
});

test('files with one path in two bundles do not clash', async () => {
  const repository = aRepository('team');
  repository.commit({ 'same.yaml': aYamlFile('of_team') });
  await mesh.write('same.yaml', aYamlFile('of_folder'));
  await start([aGitBundle('team', repository.root)]);
  expect(await mesh.stored('same.yaml')).toMatchObject({ dags: [{ dagId: 'of_folder' }] });
  expect(await mesh.stored('team://same.yaml')).toMatchObject({ dags: [{ dagId: 'of_team' }] });
  const { files } = await mesh.client.parseFiles({ paths: ['team://same.yaml'] });
  expect(files).toMatchObject([{ path: 'team://same.yaml', dagIds: ['of_team'], error: '' }]);
});

test('a DAG in two bundles is an error that names both, until one gives it up', async () => {
  const [one, two] = [aRepository('one'), aRepository('two')];
  one.commit({ 'a.yaml': aYamlFile('shared') });
  two.commit({ 'b.yaml': aYamlFile('other') });
  await start([aGitBundle('one', one.root), aGitBundle('two', two.root)]);
  await mesh.stored('one://a.yaml');
  await mesh.stored('two://b.yaml');
  two.commit({ 'b.yaml': aYamlFile('shared') });
  await mesh.storedWhen('two://b.yaml', 'it is refused', (file) => file?.error !== '');
  const { files } = await mesh.client.listFiles({});
  const refused = files.find(({ path }) => path === 'two://b.yaml');
  expect(refused?.error).toBe('two://b.yaml:1: shared belongs to one://a.yaml');
  one.commit({ 'a.yaml': aYamlFile('moved_on') });
  await mesh.storedWhen('two://b.yaml', 'it has the DAG now', (file) => file?.error === '');
});

test('a folder bundle is read in place, and linked for workers', async () => {
  const path = join(folder, 'shared');
  await mkdir(path);
  await writeFile(join(path, 'a.yaml'), aYamlFile('a'));
  await start([{ kind: 'folder', name: 'shared', path }]);
  expect(await mesh.stored('shared://a.yaml')).toMatchObject({
    bundleName: 'shared',
    bundleVersion: 'current',
  });
  expect(await readlink(join(folder, 'checkouts', 'shared', 'current'))).toBe(path);
});

test('what a bundle had is removed when the bundle is listed no more', async () => {
  const repository = aRepository('team');
  repository.commit({ 'a.yaml': aYamlFile('a') });
  await start([aGitBundle('team', repository.root)]);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await start([]);
  await mesh.storedWhen('team://a.yaml', 'the file is forgotten', (file) => file === undefined);
});

test('a restart at the same commit reads nothing again', async () => {
  const repository = aRepository('team');
  repository.commit({ 'a.yaml': aYamlFile('a') });
  const bundles = [aGitBundle('team', repository.root)];
  await start(bundles);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await start(bundles);
  await mesh.write('later.yaml', aYamlFile('later'));
  await mesh.stored('later.yaml');
  await eventually(
    async () => (await mesh.client.parseFiles({ paths: ['later.yaml'] })).files.length === 1,
    {
      deadlineMs: 60_000,
      what: 'the queue has come past the bundle',
    },
  );
  expect(mesh.catalog.files.get('team://a.yaml')?.putsCount).toBe(1);
});

test('a repository that is away at a restart is read as it was', async () => {
  const repository = aRepository('team');
  const commit = repository.commit({ 'a.yaml': aYamlFile('a') });
  await start([aGitBundle('team', repository.root)]);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await rm(repository.root, { recursive: true });
  await start([aGitBundle('team', repository.root)]);
  await eventually(
    async () =>
      (await mesh.client.parseFiles({ paths: ['team://a.yaml'] }).catch(() => undefined)) !==
      undefined,
    { deadlineMs: 60_000, what: 'it is read' },
  );
  expect(mesh.catalog.files.get('team://a.yaml')).toMatchObject({
    ...{ error: '', bundleVersion: commit, putsCount: 2 },
  });
});

test('a ref that is not there leaves what is known alone, and says why', async () => {
  const repository = aRepository('team');
  repository.commit({ 'a.yaml': aYamlFile('a') });
  const bundle = aGitBundle('team', repository.root);
  await start([bundle]);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await mesh.write('b.yaml', aYamlFile('b'));
  await start([{ ...bundle, ref: 'no_such_branch' }]);
  await mesh.stored('b.yaml');
  await eventually(
    async () => {
      const failed = await mesh.client.parseFiles({ paths: ['team://a.yaml'] }).catch(String);
      return String(failed).includes('has no branch, tag or commit "no_such_branch"');
    },
    { deadlineMs: 60_000, what: 'the reason is told' },
  );
  expect(mesh.catalog.files.get('team://a.yaml')).toMatchObject({ error: '' });
});
