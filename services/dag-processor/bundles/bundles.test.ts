// Bundles beside the DAG folder: real git repositories, real checkouts, files that do not clash.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../tests/kit/wait.ts';
import type { BundleConfig } from '../core/bundle.ts';
import { createTestMesh, type StoredFile, type TestMesh } from '../test-mesh.ts';

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

function yaml(dagId: string, taskId = 'only'): string {
  return `dag_id: ${dagId}\ntasks:\n  ${taskId}: { handler: h }\n`;
}

/** A repository on this machine; `commit` writes files and answers the commit that has them. */
function aRepository(name: string) {
  const root = join(folder, 'origin', name);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  let isNew = true;
  return {
    root,
    git,
    async commit(files: Readonly<Record<string, string>>): Promise<string> {
      await mkdir(root, { recursive: true });
      if (isNew) git('init', '--quiet', '--initial-branch=main');
      isNew = false;
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
      git('add', '--all');
      const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
      git(...author, 'commit', '--quiet', '--message=change');
      return git('rev-parse', 'HEAD');
    },
  };
}

function aGitBundle(name: string, url: string, more: { ref?: string; subfolder?: string } = {}) {
  const bundle: BundleConfig = {
    ...{ kind: 'git', name, url, ref: 'main', subfolder: '', refreshMs: 100 },
    ...more,
  };
  return bundle;
}

function start(bundles: readonly BundleConfig[], more: { bundleVersionsKept?: number } = {}) {
  return mesh.start({ bundles, bundlesFolder: join(folder, 'checkouts'), ...more });
}

const versionsOf = async (name: string) =>
  (await readdir(join(folder, 'checkouts', name))).filter((each) => !each.startsWith('.'));

async function storedWhen(
  path: string,
  what: string,
  holds: (file: StoredFile | undefined) => boolean,
): Promise<StoredFile | undefined> {
  await eventually(() => holds(mesh.catalog.files.get(path)), { deadlineMs: 20_000, what });
  return mesh.catalog.files.get(path);
}

test('a git bundle is checked out, its DAGs know their commit, and a new commit is another version', async () => {
  const repository = aRepository('team');
  const first = await repository.commit({
    'a.yaml': yaml('a'),
    'b.yaml': yaml('b'),
    'query.sql': 'select 1',
  });
  await start([aGitBundle('team', repository.root)]);
  expect(await mesh.stored('team://a.yaml')).toMatchObject({
    ...{ error: '', bundleName: 'team', bundleVersion: first },
    dags: [{ dagId: 'a' }],
  });
  const checkout = join(folder, 'checkouts', 'team', first);
  expect(await readFile(join(checkout, 'query.sql'), 'utf8')).toBe('select 1');

  const second = await repository.commit({
    'a.yaml': yaml('a', 'renamed'),
    'query.sql': 'select 2',
  });
  const file = await storedWhen(
    'team://a.yaml',
    'the new commit is stored',
    (stored) => stored?.bundleVersion === second,
  );
  expect(file?.dags[0]?.tasks[0]?.taskId).toBe('renamed');
  // Its own text is the same, but the files beside it are not.
  await storedWhen('team://b.yaml', 'it is stored as well', (b) => b?.bundleVersion === second);
  // What began with the first commit still finds it.
  expect(await readFile(join(checkout, 'query.sql'), 'utf8')).toBe('select 1');
});

test('a file that a commit removes takes its DAGs with it', async () => {
  const repository = aRepository('team');
  await repository.commit({ 'a.yaml': yaml('a'), 'b.yaml': yaml('b') });
  await start([aGitBundle('team', repository.root)]);
  await mesh.stored('team://a.yaml');
  repository.git('rm', '--quiet', 'a.yaml');
  await repository.commit({});
  await storedWhen('team://a.yaml', 'the file is forgotten', (file) => file === undefined);
});

test('only the subfolder is checked out, as the root of the bundle', async () => {
  const repository = aRepository('mono');
  const commit = await repository.commit({ 'etl/dags/a.yaml': yaml('a'), 'web/b.yaml': yaml('b') });
  await start([aGitBundle('mono', repository.root, { subfolder: 'etl/dags' })]);
  await mesh.stored('mono://a.yaml');
  expect(await readdir(join(folder, 'checkouts', 'mono', commit))).toEqual(['a.yaml']);
});

test('a tag and a commit are refs as well as a branch', async () => {
  const repository = aRepository('team');
  const old = await repository.commit({ 'a.yaml': yaml('a', 'old') });
  repository.git('tag', 'v1');
  await repository.commit({ 'a.yaml': yaml('a', 'new') });
  await start([
    aGitBundle('tagged', repository.root, { ref: 'v1' }),
    aGitBundle('pinned', repository.root, { ref: old }),
  ]);
  await storedWhen('tagged://a.yaml', 'the tag is read', (file) => file?.bundleVersion === old);
  await storedWhen('pinned://a.yaml', 'the commit is read', (file) => file?.bundleVersion === old);
});

test('files with one path in two bundles do not clash', async () => {
  const repository = aRepository('team');
  await repository.commit({ 'same.yaml': yaml('of_team') });
  await mesh.write('same.yaml', yaml('of_folder'));
  await start([aGitBundle('team', repository.root)]);
  expect(await mesh.stored('same.yaml')).toMatchObject({ dags: [{ dagId: 'of_folder' }] });
  expect(await mesh.stored('team://same.yaml')).toMatchObject({ dags: [{ dagId: 'of_team' }] });
  const { files } = await mesh.client.parseFiles({ paths: ['team://same.yaml'] });
  expect(files).toMatchObject([{ path: 'team://same.yaml', dagIds: ['of_team'], error: '' }]);
});

test('a DAG in two bundles is an error that names both, until one gives it up', async () => {
  const [one, two] = [aRepository('one'), aRepository('two')];
  await one.commit({ 'a.yaml': yaml('shared') });
  await two.commit({ 'b.yaml': yaml('other') });
  await start([aGitBundle('one', one.root), aGitBundle('two', two.root)]);
  await mesh.stored('one://a.yaml');
  await mesh.stored('two://b.yaml');
  await two.commit({ 'b.yaml': yaml('shared') });
  await storedWhen('two://b.yaml', 'it is refused', (file) => file?.error !== '');
  const { files } = await mesh.client.listFiles({});
  const refused = files.find(({ path }) => path === 'two://b.yaml');
  expect(refused?.error).toBe('two://b.yaml:1: shared belongs to one://a.yaml');
  await one.commit({ 'a.yaml': yaml('moved_on') });
  await storedWhen('two://b.yaml', 'it has the DAG now', (file) => file?.error === '');
});

test('a folder bundle is read in place, and linked for workers', async () => {
  const path = join(folder, 'shared');
  await mkdir(path);
  await writeFile(join(path, 'a.yaml'), yaml('a'));
  await start([{ kind: 'folder', name: 'shared', path }]);
  expect(await mesh.stored('shared://a.yaml')).toMatchObject({
    bundleName: 'shared',
    bundleVersion: 'current',
  });
  expect(await readlink(join(folder, 'checkouts', 'shared', 'current'))).toBe(path);
});

test('what a bundle had is removed when the bundle is listed no more', async () => {
  const repository = aRepository('team');
  await repository.commit({ 'a.yaml': yaml('a') });
  await start([aGitBundle('team', repository.root)]);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await start([]);
  await storedWhen('team://a.yaml', 'the file is forgotten', (file) => file === undefined);
});

test('a restart at the same commit reads nothing again', async () => {
  const repository = aRepository('team');
  await repository.commit({ 'a.yaml': yaml('a') });
  const bundles = [aGitBundle('team', repository.root)];
  await start(bundles);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await start(bundles);
  await mesh.write('later.yaml', yaml('later'));
  await mesh.stored('later.yaml');
  await eventually(
    async () => (await mesh.client.parseFiles({ paths: ['later.yaml'] })).files.length === 1,
    {
      deadlineMs: 5_000,
      what: 'the queue has come past the bundle',
    },
  );
  expect(mesh.catalog.files.get('team://a.yaml')?.putsCount).toBe(1);
});

test('as many versions stay checked out as are to be kept', async () => {
  const repository = aRepository('team');
  await start([aGitBundle('team', repository.root)], { bundleVersionsKept: 2 });
  const commits: string[] = [];
  for (const taskId of ['one', 'two', 'three']) {
    const commit = await repository.commit({ 'a.yaml': yaml('a', taskId) });
    commits.push(commit);
    await storedWhen('team://a.yaml', 'it is stored', (file) => file?.bundleVersion === commit);
  }
  await eventually(async () => (await versionsOf('team')).length === 2, {
    deadlineMs: 5_000,
    what: 'the oldest is removed',
  });
  expect((await versionsOf('team')).sort()).toEqual(commits.slice(1).sort());
});

test('a repository that is away at a restart is read as it was', async () => {
  const repository = aRepository('team');
  const commit = await repository.commit({ 'a.yaml': yaml('a') });
  await start([aGitBundle('team', repository.root)]);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await rm(repository.root, { recursive: true });
  await start([aGitBundle('team', repository.root)]);
  await eventually(
    async () => (await mesh.client.parseFiles({}).catch(() => undefined)) !== undefined,
    { deadlineMs: 10_000, what: 'it is read' },
  );
  expect(mesh.catalog.files.get('team://a.yaml')).toMatchObject({
    ...{ error: '', bundleVersion: commit, putsCount: 2 },
  });
});

test('a ref that is not there leaves what is known alone, and says why', async () => {
  const repository = aRepository('team');
  await repository.commit({ 'a.yaml': yaml('a') });
  const bundle = aGitBundle('team', repository.root);
  await start([bundle]);
  await mesh.stored('team://a.yaml');
  await mesh.stop();
  await mesh.write('b.yaml', yaml('b'));
  await start([{ ...bundle, ref: 'no_such_branch' }]);
  await mesh.stored('b.yaml');
  await eventually(
    async () => {
      const failed = await mesh.client.parseFiles({ paths: ['team://a.yaml'] }).catch(String);
      return String(failed).includes('has no branch, tag or commit "no_such_branch"');
    },
    { deadlineMs: 10_000, what: 'the reason is told' },
  );
  expect(mesh.catalog.files.get('team://a.yaml')).toMatchObject({ error: '' });
});
