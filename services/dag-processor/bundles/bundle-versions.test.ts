// Commits of git bundles: which files another one is a new version of, and which stay checked out.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, eventuallyGives } from '../../../tests/kit/wait.ts';
import { aYamlFile, createTestMesh, type TestMesh } from '../test-mesh.ts';
import { createTestRepository, type TestRepository } from '../test-repository.ts';

let mesh: TestMesh;
let folder: string;
let repository: TestRepository;

beforeEach(async () => {
  mesh = await createTestMesh();
  folder = await mkdtemp(join(tmpdir(), 'dagmesh-versions-'));
  repository = createTestRepository(join(folder, 'origin'));
});

afterEach(async () => {
  await mesh.end();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: { readonly versionsKept?: number; readonly url?: string } = {}) {
  const { versionsKept = 20, url = repository.root } = options;
  const place = { url, ref: 'main', subfolder: '', refreshMs: 100 };
  await mesh.start({
    bundles: [{ kind: 'git', name: 'team', ...place }],
    bundlesFolder: join(folder, 'checkouts'),
    bundleVersionsKept: versionsKept,
    // One after the other, so that the marker is read last.
    childrenMax: 1,
  });
}

async function checkouts(): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'checkouts', 'team')).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

const versionOf = (path: string) => mesh.catalog.files.get(`team://${path}`)?.bundleVersion;

/** Waits until the file is stored with this commit. */
async function reads(path: string, commit: string): Promise<void> {
  const what = `${path} is stored with ${commit}`;
  await eventually(() => versionOf(path) === commit, { deadlineMs: 60_000, what });
}

/** Waits until a commit's files were all compared with what is known of them. */
async function looksThrough(commit: string): Promise<void> {
  const what = `${commit} is checked out`;
  await eventually(async () => (await checkouts()).includes(commit), { deadlineMs: 60_000, what });
  await reads('marker.yaml', commit);
}

let markersCount = 0;

/** Commits files, and a marker that sorts behind them, so that it is read after them. */
function commit(files: Readonly<Record<string, string>>): string {
  markersCount += 1;
  return repository.commit({ ...files, 'marker.yaml': aYamlFile('marker', `t${markersCount}`) });
}

describe('a new commit is a new version', { timeout: 120_000 }, () => {
  test('of the DAG files that it changes, and of no others', async () => {
    const first = commit({ 'a.yaml': aYamlFile('a'), 'b.yaml': aYamlFile('b') });
    await start();
    await looksThrough(first);
    const second = commit({ 'a.yaml': aYamlFile('a', 'renamed') });
    await looksThrough(second);
    expect(versionOf('a.yaml')).toBe(second);
    expect(versionOf('b.yaml')).toBe(first);
    expect(mesh.catalog.files.get('team://b.yaml')?.putsCount).toBe(1);
  });

  test('of the DAG files that import a DAG file that it changes', async () => {
    const declares = (dagId: string, more: string) => `import dagmesh\n${more}\n# ${dagId}\n`;
    const first = commit({
      'a.py': declares('a', 'import shared'),
      'b.py': declares('b', ''),
      'shared.py': declares('shared', 'x = 1'),
    });
    await start();
    await looksThrough(first);
    const second = commit({ 'shared.py': declares('shared', 'x = 2') });
    await looksThrough(second);
    expect(versionOf('a.py')).toBe(second);
    expect(versionOf('b.py')).toBe(first);
  });

  test.each([
    ['a query', 'sql/query.sql', 'select 1'],
    ['a module that is loaded by its path', 'lib/plugin.py', 'x = 1'],
    ['settings that no DAG are', 'lib/tables.yaml', 'tables: []'],
    ['a module that is hidden', '_private.py', 'import dagmesh as nothing'],
  ])('of all DAG files when it changes %s', async (_, path, text) => {
    const first = commit({ 'a.yaml': aYamlFile('a'), [path]: text });
    await start();
    await reads('a.yaml', first);
    await reads('a.yaml', commit({ [path]: `${text}\n` }));
    expect(mesh.catalog.files.get('team://a.yaml')?.error).toBe('');
  });

  test('is known as one after a restart in between', async () => {
    const first = commit({
      'a.yaml': aYamlFile('a'),
      'b.yaml': aYamlFile('b'),
      'query.sql': 'select 1',
    });
    await start();
    await looksThrough(first);
    await mesh.stop();
    const second = commit({ 'a.yaml': aYamlFile('a', 'renamed') });
    await start();
    await looksThrough(second);
    expect(versionOf('b.yaml')).toBe(first);
    await mesh.stop();
    const third = commit({ 'query.sql': 'select 2' });
    await start();
    await looksThrough(third);
    expect(versionOf('b.yaml')).toBe(third);
  });

  test('is told to the catalog with what tells versions apart', async () => {
    const first = commit({ 'a.yaml': aYamlFile('a') });
    await start();
    await looksThrough(first);
    const digestOf = () => mesh.catalog.files.get('team://a.yaml')?.filesDigest;
    const before = digestOf();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    const second = commit({ 'a.yaml': 'dag_id: [' });
    await looksThrough(second);
    await mesh.errorOf('team://a.yaml');
    await looksThrough(commit({ 'a.yaml': aYamlFile('a') }));
    expect(digestOf()).toBe(before);
  });
});

describe('checked out', { timeout: 120_000 }, () => {
  const used = (bundleVersion: string) => ({ bundleName: 'team', bundleVersion });

  test('stay the versions that runs and DAGs use, and the newest of the others', async () => {
    const first = commit({ 'a.yaml': aYamlFile('a', 'one') });
    await start({ versionsKept: 2 });
    await looksThrough(first);
    mesh.catalog.versionsOfRuns = [used(first)];
    const commits: string[] = [];
    for (const taskId of ['two', 'three', 'four', 'five']) {
      const next = commit({ 'a.yaml': aYamlFile('a', taskId) });
      commits.push(next);
      await looksThrough(next);
    }
    const kept = [first, ...commits.slice(1)].sort();
    await expect.poll(checkouts, { timeout: 60_000 }).toEqual(kept);
    mesh.catalog.versionsOfRuns = [];
    await expect.poll(checkouts, { timeout: 60_000 }).toEqual(commits.slice(1).sort());
  });

  test('is an old version again as soon as a run needs it', async () => {
    const first = commit({ 'a.yaml': aYamlFile('a'), 'query.sql': 'select 1' });
    await start();
    await looksThrough(first);
    await looksThrough(commit({ 'a.yaml': aYamlFile('a', 'renamed'), 'query.sql': 'select 2' }));
    await rm(join(folder, 'checkouts', 'team', first), { recursive: true });
    mesh.catalog.versionsOfRuns = [used(first)];
    const query = join(folder, 'checkouts', 'team', first, 'query.sql');
    const text = await eventuallyGives(() => readFile(query, 'utf8').catch(() => undefined), {
      ...{ deadlineMs: 60_000, what: 'the old version is there' },
    });
    expect(text).toBe('select 1');
  });

  test('is a commit that no branch has any more, as long as the repository has it', async () => {
    const first = commit({ 'a.yaml': aYamlFile('a') });
    repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    repository.git('checkout', '--quiet', '--orphan', 'other');
    const second = commit({ 'a.yaml': aYamlFile('a', 'rewritten') });
    repository.git('branch', '--quiet', '--force', 'main', 'other');
    mesh.catalog.versionsOfRuns = [used(first)];
    await start({ url: `file://${repository.root}` });
    await looksThrough(second);
    await expect.poll(checkouts, { timeout: 60_000 }).toContain(first);
  });

  test('are all of them again when somebody removed them', async () => {
    const first = commit({ 'a.yaml': aYamlFile('a') });
    await start();
    await looksThrough(first);
    const second = commit({ 'a.yaml': aYamlFile('a', 'renamed') });
    await looksThrough(second);
    mesh.catalog.versionsOfRuns = [used(first)];
    await rm(join(folder, 'checkouts'), { recursive: true });
    await expect.poll(checkouts, { timeout: 60_000 }).toEqual([first, second].sort());
  });

  test('cannot be a version that nobody has; the others are there all the same', async () => {
    const first = commit({ 'a.yaml': aYamlFile('a') });
    await start();
    await looksThrough(first);
    const second = commit({ 'a.yaml': aYamlFile('a', 'renamed') });
    await looksThrough(second);
    await rm(join(folder, 'checkouts', 'team', first), { recursive: true });
    mesh.catalog.versionsOfRuns = [used('d'.repeat(40)), used('current'), used(first)];
    await expect.poll(checkouts, { timeout: 60_000 }).toEqual([first, second].sort());
  });
});
