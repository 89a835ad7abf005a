// Handing a DAG over from one file to another, whatever happens in between.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import type { Stored } from '../catalog/catalog-store.ts';
import type { FileRecord } from '../core/file/file-record.ts';
import { createEvents } from '../events.ts';
import { aDag } from '../test-mesh.ts';
import type { Sight } from './change-finder.ts';
import { createFileKeeper, type FileKeeperOptions } from './file-keeper.ts';

const TAKEN: Stored = { kind: 'refused', text: 'x belongs to old.yaml', isTaken: true };

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dagmesh-keeper-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** A keeper over files that all declare the DAG x, and a catalog whose answers the test gives. */
async function aKeeper(paths: readonly string[]) {
  for (const path of paths) await writeFile(join(root, path), 'dag_id: x');
  const present = new Set(paths);
  const asked: { path: string; answer: (stored: Stored) => void }[] = [];
  const readAgain: string[] = [];
  const catalog: FileKeeperOptions['catalog'] = {
    remove: async () => true,
    put: ({ path }) => new Promise((answer) => void asked.push({ path, answer })),
  };
  const tree = { bundleName: '', version: '', root, surroundings: '', sequence: 0n };
  const see = (path: string): Sight => {
    if (!present.has(path)) return { kind: 'gone' };
    return { kind: 'seen', file: { path, signature: '1', refusal: undefined, tree } };
  };
  const records = new Map<string, FileRecord>();
  const keep = createFileKeeper({
    ...{ records, see, catalog, clock: systemClock, signal: new AbortController().signal },
    events: createEvents(createLog('test', 'silent'), createMetrics('test')),
    read: async () => ({ kind: 'dags', dags: [aDag({ dagId: 'x' })] }),
    readAgain: (path) => void readAgain.push(path),
  });
  const begin = (path: string) => ({ ended: keep({ path, isForced: false, slot: 0 }) });
  const hears = (path: string) =>
    expect.poll(() => asked.some((call) => call.path === path)).toBe(true);
  const answer = async (path: string, stored: Stored) => {
    await hears(path);
    asked.find((call) => call.path === path)?.answer(stored);
  };
  return { begin, hears, answer, present, readAgain, records };
}

test('a file that is refused while the old one goes is offered again', async () => {
  const { begin, hears, answer, present, readAgain } = await aKeeper(['old.yaml', 'new.yaml']);
  const old = begin('old.yaml');
  await answer('old.yaml', { kind: 'stored' });
  await old.ended;
  const moved = begin('new.yaml');
  await hears('new.yaml');
  present.delete('old.yaml');
  await begin('old.yaml').ended;
  expect(readAgain).toEqual([]);
  // The catalog said no before it heard that the old file is gone.
  await answer('new.yaml', TAKEN);
  await moved.ended;
  expect(readAgain).toEqual(['new.yaml']);
});

test('a file that was refused is offered again when the old one goes, once', async () => {
  const { begin, answer, present, readAgain, records } = await aKeeper(['old.yaml', 'new.yaml']);
  const old = begin('old.yaml');
  await answer('old.yaml', { kind: 'stored' });
  await old.ended;
  const moved = begin('new.yaml');
  await answer('new.yaml', TAKEN);
  await moved.ended;
  expect(readAgain).toEqual([]);
  present.delete('old.yaml');
  await begin('old.yaml').ended;
  expect(readAgain).toEqual(['new.yaml']);
  expect([...records.keys()]).toEqual(['new.yaml']);
});

test('a file that was not looked for yet is not taken for gone', async () => {
  const { begin, answer, records } = await aKeeper(['old.yaml']);
  const old = begin('old.yaml');
  await answer('old.yaml', { kind: 'stored' });
  await old.ended;
  const keep = createFileKeeper({
    ...{ records, clock: systemClock, signal: new AbortController().signal },
    see: () => ({ kind: 'unknown' }),
    catalog: {
      remove: () => Promise.reject(new Error('it was removed')),
      put: () => Promise.reject(new Error('it was stored')),
    },
    events: createEvents(createLog('test', 'silent'), createMetrics('test')),
    read: async () => 'stopped',
    readAgain: () => undefined,
  });
  await keep({ path: 'old.yaml', isForced: true, slot: 0 });
  expect([...records.keys()]).toEqual(['old.yaml']);
});
