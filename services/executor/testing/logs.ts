// For tests: a log store in a folder of its own, and one attempt that logs into it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import type { LogName } from '../logs/log-path.ts';
import { LogStore } from '../logs/log-store.ts';

/** The largest log, in bytes, unless a test says otherwise. */
export const SIZE_MAX = 10_000;

/** The log of one attempt. */
export const name: LogName = {
  dagId: 'etl',
  runId: 'scheduled__2026-01-01T00:00:00+00:00',
  taskId: 'load',
  mapIndex: -1,
  epoch: 3n,
};

/** The store of the test that runs. */
export type TestLogs = {
  readonly store: LogStore;
  /** Another store over the same folder, as another executor has it. */
  readonly another: (sizeMax?: number) => LogStore;
  readonly append: (offset: number, text: string, to?: LogName) => Promise<number>;
  /** What the file of `name` holds. */
  readonly stored: () => Promise<string>;
};

/** Opens a store before each test and removes it afterwards. */
export function useTestLogs(): () => TestLogs {
  let folder: string;
  let logs: TestLogs;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dagmesh-test-logs-'));
    const another = (sizeMax = SIZE_MAX) => new LogStore({ folder, sizeMax, clock: systemClock });
    const store = another();
    await store.open();
    logs = {
      store,
      another,
      append: (offset, text, to = name) => store.append(to, { offset, content: Buffer.from(text) }),
      stored: () => readFile(store.pathOf(name), 'utf8'),
    };
  });
  afterEach(async () => {
    await logs.store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return () => logs;
}
