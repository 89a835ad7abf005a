// A repository on this machine over the years: what killed gits leave in it, and what packs it.
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { createTestRepository, type TestRepository } from '../test-repository.ts';
import { createGit, type Git } from './git.ts';
import { openRepository } from './repository.ts';

let folder: string;
let origin: TestRepository;
let git: Git;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dagmesh-repository-'));
  origin = createTestRepository(join(folder, 'origin'));
  const { signal } = new AbortController();
  git = createGit({ clock: systemClock, signal, credentials: undefined });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const clone = () => join(folder, 'clone');
const HOUR_MS = 3_600_000;

function open() {
  const place = { url: origin.root, ref: 'main', subfolder: '', refreshMs: 100 };
  const config = { kind: 'git', name: 'team', ...place } as const;
  return openRepository({ config, git, folder: clone(), nowMs: systemClock.nowMs });
}

/** Leaves a file in the clone, as a git that was killed so long ago. */
function plant(path: string, agoMs: number): string {
  const file = join(clone(), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  const at = (systemClock.nowMs() - agoMs) / 1_000;
  utimesSync(file, at, at);
  return file;
}

const ask = async (...args: readonly string[]) =>
  (await git([`--git-dir=${clone()}`, ...args], { timeMaxMs: 10_000 })).trim();

const locks = ['refs/heads/main.lock', 'packed-refs.lock'];

test.each(locks)('a killed git left %s: it is fetched all the same', async (lock) => {
  const repository = open();
  origin.commit({ 'a.yaml': 'one' });
  origin.git('branch', 'leaving');
  await repository.fetch();
  await ask('pack-refs', '--all');
  origin.git('branch', '--quiet', '--delete', 'leaving');
  const commit = origin.commit({ 'a.yaml': 'two' });
  plant(lock, 60_000);
  await repository.fetch();
  expect(await repository.newest()).toBe(commit);
});

test('a lock that a living git may hold is left alone until it must be dead', async () => {
  const repository = open();
  origin.commit({ 'a.yaml': 'one' });
  await repository.fetch();
  const commit = origin.commit({ 'a.yaml': 'two' });
  const lock = plant('refs/heads/main.lock', 0);
  await expect(repository.fetch()).rejects.toThrow('main.lock');
  expect(existsSync(lock)).toBe(true);
  plant('refs/heads/main.lock', 60_000);
  await repository.fetch();
  expect(await repository.newest()).toBe(commit);
});

test('a killed check-out is done again by one that has its number', async () => {
  const repository = open();
  const commit = origin.commit({ 'a.yaml': 'one' });
  await repository.fetch();
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(`${empty}.index.lock`, '');
  await repository.checkOut(commit, empty);
  expect(readdirSync(empty)).toEqual(['a.yaml']);
});

test('what killed fetches wrote goes with the next start, but not what may be written now', async () => {
  origin.commit({ 'a.yaml': 'one' });
  await open().fetch();
  const old = plant('objects/pack/tmp_pack_old', 2 * HOUR_MS);
  const young = plant('objects/pack/tmp_pack_young', HOUR_MS / 2);
  await open().fetch();
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
});

test('branches that are called as unfinished packs are stay, whatever their age', async () => {
  const commit = origin.commit({ 'a.yaml': 'one' });
  origin.git('branch', 'tmp_old');
  origin.git('branch', 'tmp_team/main');
  await open().fetch();
  const refs = ['refs/heads/tmp_old', 'refs/heads/tmp_team/main', 'refs/heads/tmp_team'];
  for (const ref of refs) plantTime(join(clone(), ref));
  origin.git('checkout', '--quiet', '--detach');
  await rm(join(origin.root, '.git'), { recursive: true });
  await expect(open().fetch()).rejects.toThrow();
  expect(await ask('rev-parse', 'tmp_old', 'tmp_team/main')).toBe(`${commit}\n${commit}`);
});

test('one that was killed while it was made is made anew', async () => {
  mkdirSync(join(clone(), 'refs'), { recursive: true });
  const commit = origin.commit({ 'a.yaml': 'one' });
  const repository = open();
  await repository.fetch();
  expect(await repository.newest()).toBe(commit);
  expect(readdirSync(folder).sort()).toEqual(['clone', 'origin']);
});

test('many fetches are packed into one, and no commit is lost that a branch had once', async () => {
  const repository = open();
  const first = origin.commit({ 'a.yaml': 'rewritten' });
  await repository.fetch();
  await ask('config', 'fetch.unpackLimit', '1');
  await ask('config', 'gc.autoPackLimit', '3');
  origin.git('checkout', '--quiet', '--orphan', 'other');
  for (const text of ['one', 'two', 'three', 'four']) {
    origin.commit({ 'a.yaml': text });
    origin.git('branch', '--quiet', '--force', 'main', 'other');
    await repository.fetch();
    // The oldest commit is of long ago.
    for (const name of readdirSync(join(clone(), 'objects/pack'))) {
      plantTime(join(clone(), 'objects/pack', name));
    }
  }
  const packsCount = () =>
    readdirSync(join(clone(), 'objects/pack')).filter((name) => name.endsWith('.pack')).length;
  expect(packsCount()).toBeGreaterThan(3);
  await repository.tidy();
  expect(packsCount()).toBeLessThanOrEqual(2);
  expect(await ask('cat-file', '-t', first)).toBe('commit');
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  await repository.checkOut(first, empty);
});

function plantTime(path: string): void {
  const yearAgo = systemClock.nowMs() / 1_000 - 365 * 86_400;
  utimesSync(path, yearAgo, yearAgo);
}
