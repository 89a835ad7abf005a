// Triggers of watchers, which were told an event before and want the next one.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { soon, useWaiting } from '../testing/waiting.ts';

const waiting = useWaiting();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dagmesh-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a watcher', () => {
  it('of files is told of others and of changes, not twice of what lies there', async () => {
    const path = join(folder, 'drop*');
    const kind = { case: 'file' as const, value: { path, pollInterval: soon } };
    writeFileSync(join(folder, 'drop1'), '');
    const first = await waiting().endOf(waiting().waitFor(kind));
    const second = waiting().watchAgain(kind, first);
    await waiting().looksAt(second);
    writeFileSync(join(folder, 'drop2'), '');
    const paths = [join(folder, 'drop1'), join(folder, 'drop2')];
    expect(await waiting().eventOf(second)).toMatchObject({ paths });
    const third = waiting().watchAgain(kind, await waiting().endOf(second));
    await waiting().looksAt(third);
    utimesSync(join(folder, 'drop1'), new Date(0), new Date(0));
    const changedAt = [new Date(0).toISOString(), expect.any(String)];
    expect(await waiting().eventOf(third)).toEqual({ paths, changed_at: changedAt });
  });

  it('is told the same again when it was untrue in between', async () => {
    const lock = join(folder, 'watched.lock');
    const value = { path: lock, isGone: true, pollInterval: soon };
    const first = await waiting().endOf(waiting().waitFor({ case: 'file', value }));
    const second = waiting().watchAgain({ case: 'file', value }, first);
    await waiting().looksAt(second);
    writeFileSync(lock, '');
    await waiting().looksAt(second);
    rmSync(lock);
    expect((await waiting().endOf(second)).eventJson).toBe(first.eventJson);
  });

  it('says that it was untrue, for whoever goes on in its place', async () => {
    const path = join(folder, 'comes*');
    const kind = { case: 'file' as const, value: { path, pollInterval: soon } };
    writeFileSync(join(folder, 'comes1'), '');
    const first = await waiting().endOf(waiting().waitFor(kind));
    const second = waiting().watchAgain(kind, first);
    await waiting().looksAt(second);
    rmSync(join(folder, 'comes1'));
    const isTold = () =>
      waiting().scheduler.reports.some(({ untrueWaitIds }) => untrueWaitIds.includes(second));
    await eventually(isTold, { deadlineMs: 60_000, what: 'it was told' });
    waiting().scheduler.remove(second);
  });

  it('of an instant is told it once', async () => {
    const moment = { case: 'at' as const, value: toTimestamp(Date.now()) };
    const first = await waiting().endOf(waiting().waitFor({ case: 'timer', value: { moment } }));
    const again = waiting().watchAgain({ case: 'timer', value: { moment } }, first);
    await waiting().eventOf(
      waiting().waitFor({ case: 'timer', value: { moment: { case: 'after', value: soon } } }),
    );
    expect(waiting().scheduler.ended.has(again)).toBe(false);
    waiting().scheduler.remove(again);
  });
});
