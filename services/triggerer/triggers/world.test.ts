// Triggers that wait for the world, over real gRPC: what they wait for, and what a task is told.
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { startTestSite, type TestSite } from '../testing/site.ts';
import { soon, useWaiting } from '../testing/waiting.ts';

const waiting = useWaiting();
let folder: string;
let site: TestSite;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dagmesh-files-'));
  site = await startTestSite();
});
afterAll(async () => {
  await site.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  site.asked.length = 0;
});

describe('a timer', () => {
  it('fires at its instant, and not before', async () => {
    const atMs = Date.now() + 300;
    const waitId = waiting().waitFor({
      case: 'timer',
      value: { moment: { case: 'at', value: toTimestamp(atMs) } },
    });
    expect(await waiting().eventOf(waitId)).toEqual({ moment: new Date(atMs).toISOString() });
    expect(Date.now()).toBeGreaterThanOrEqual(atMs);
  });

  it('counts a span from when the wait began, not from when it came here', async () => {
    const after = { case: 'after' as const, value: toDuration(3_600_000) };
    const waitId = waiting().waitFor(
      { case: 'timer', value: { moment: after } },
      { sinceMs: Date.now() - 3_600_000 },
    );
    expect(await waiting().eventOf(waitId)).toHaveProperty('moment');
  });

  it('without a moment fails, and the others go on', async () => {
    const bad = waiting().waitFor({ case: 'timer', value: {} });
    const good = waiting().waitFor({
      case: 'timer',
      value: { moment: { case: 'after', value: soon } },
    });
    expect((await waiting().endOf(bad)).error).toContain('at');
    expect(await waiting().eventOf(good)).toHaveProperty('moment');
  });
});

describe('a URL', () => {
  it('is asked until it answers as wished', async () => {
    site.answers.set('/job', { status: 503, body: '' });
    const url = `${site.url}/job`;
    const waitId = waiting().waitFor({
      case: 'http',
      value: { url, contains: 'done', pollInterval: soon },
    });
    await eventually(() => site.asked.length >= 2, {
      deadlineMs: 60_000,
      what: 'it was asked twice',
    });
    site.answers.set('/job', { status: 200, body: 'not yet' });
    await eventually(() => site.asked.length >= 4, {
      deadlineMs: 60_000,
      what: 'it was asked again',
    });
    site.answers.set('/job', { status: 200, body: 'done: 7' });
    expect(await waiting().eventOf(waitId)).toEqual({ status: 200, body: 'done: 7' });
  });

  it('may be wished to be gone', async () => {
    const url = `${site.url}/gone`;
    const waitId = waiting().waitFor({
      case: 'http',
      value: { url, status: 404, pollInterval: soon },
    });
    expect(await waiting().eventOf(waitId)).toEqual({ status: 404, body: '' });
  });

  it('is asked once for all who ask the same', async () => {
    const url = `${site.url}/shared`;
    const value = { url, method: 'POST', body: '{}', headers: { accept: 'x' } };
    const waitIds = Array.from({ length: 50 }, () =>
      waiting().waitFor({ case: 'http', value: { ...value, pollInterval: toDuration(60_000) } }),
    );
    site.answers.set('/shared', { status: 200, body: 'yes' });
    await Promise.all(waitIds.map((waitId) => waiting().eventOf(waitId)));
    expect(site.asked.length).toBeLessThan(5);
    expect(site.asked[0]).toMatchObject({ method: 'POST', body: '{}', accept: 'x' });
  });

  it('that cannot be asked as it is wished fails the task', async () => {
    const headers = { 'no header': 'x' };
    const waitId = waiting().waitFor({ case: 'http', value: { url: site.url, headers } });
    expect((await waiting().endOf(waitId)).error).toContain('no header');
  });

  it('at which clouds keep secrets is not asked', async () => {
    const url = 'http://169.254.169.254/latest/meta-data/';
    const { error } = await waiting().endOf(waiting().waitFor({ case: 'http', value: { url } }));
    expect(error).toContain('169.254.169.254');
    expect(error).toContain('operator');
  });
});

describe('a file', () => {
  it('is seen when it appears', async () => {
    const waitId = waiting().waitFor({
      case: 'file',
      value: { path: join(folder, 'in', '*.csv'), pollInterval: soon },
    });
    const other = waiting().waitFor({
      case: 'file',
      value: { path: join(folder, 'a?'), pollInterval: soon },
    });
    writeFileSync(join(folder, 'a1'), '');
    const path = join(folder, 'a1');
    const changedAt = statSync(path).mtime.toISOString();
    expect(await waiting().eventOf(other)).toEqual({ paths: [path], changed_at: [changedAt] });
    expect(waiting().scheduler.ended.has(waitId)).toBe(false);
    waiting().scheduler.remove(waitId);
  });

  it('is seen when it is gone', async () => {
    const path = join(folder, 'lock');
    writeFileSync(path, '');
    const waitId = waiting().waitFor({
      case: 'file',
      value: { path, isGone: true, pollInterval: soon },
    });
    await eventually(() => waiting().scheduler.givenCounts.has(waitId), {
      deadlineMs: 60_000,
      what: 'given',
    });
    rmSync(path);
    expect(await waiting().eventOf(waitId)).toEqual({ paths: [], changed_at: [] });
  });

  it('in a folder that vanishes and comes back is seen when it is there', async () => {
    const inbox = join(folder, 'inbox');
    mkdirSync(inbox);
    const value = { path: join(inbox, '**', '*.csv'), pollInterval: soon };
    const waitId = waiting().waitFor({ case: 'file', value });
    await waiting().looksAt(waitId);
    rmdirSync(inbox);
    await waiting().looksAt(waitId);
    mkdirSync(join(inbox, 'today'), { recursive: true });
    writeFileSync(join(inbox, 'today', 'a.csv'), '');
    const paths = [join(inbox, 'today', 'a.csv')];
    expect(await waiting().eventOf(waitId)).toMatchObject({ paths });
  });

  it('whose pattern has very many stars delays no other trigger', async () => {
    const name = 'a'.repeat(250);
    writeFileSync(join(folder, name), '');
    const path = join(folder, `${'*a'.repeat(40)}b`);
    const never = waiting().waitFor({ case: 'file', value: { path, pollInterval: soon } });
    await waiting().looksAt(never);
    const after = { case: 'after' as const, value: soon };
    const timer = waiting().waitFor({ case: 'timer', value: { moment: after } });
    expect(await waiting().eventOf(timer)).toHaveProperty('moment');
    waiting().scheduler.remove(never);
  });
});
