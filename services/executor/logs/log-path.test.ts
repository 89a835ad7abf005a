// Where logs lie: below their folder, under the names operators know.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { name, useTestLogs } from '../testing/logs.ts';
import { logPath } from './log-path.ts';
import { readLog } from './read-log.ts';

const logs = useTestLogs();

describe('where a log lies', () => {
  test('the path is made of the names operators know', () => {
    expect(logPath('/logs', name)).toBe(
      '/logs/dag_id=etl/run_id=scheduled__2026-01-01T00:00:00+00:00' +
        '/task_id=load/map_index=-1/attempt=3.log',
    );
  });

  test.each(['..', '.', 'a'.repeat(250)])('the id %s stays one folder', (dagId) => {
    const [, , segment, ...rest] = logPath('/logs', { ...name, dagId }).split('/');
    expect(segment?.startsWith('dag_id=')).toBe(true);
    expect(segment?.length).toBeLessThanOrEqual(255);
    expect(rest).toHaveLength(4);
  });

  test('two long ids that begin alike have folders of their own', () => {
    const paths = ['x', 'y'].map((end) => logPath('/l', { ...name, dagId: 'a'.repeat(249) + end }));
    expect(paths[0]).not.toBe(paths[1]);
  });

  test.each(['../../etc', 'a/b', '', 'a\0b', 'a'.repeat(251)])('the id %j is refused', (dagId) => {
    expect(() => logPath('/logs', { ...name, dagId })).toThrow(/not allowed/);
  });

  test('a link that leads out of the log folder is not followed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'dagmesh-test-outside-'));
    const link = dirname(dirname(logs().store.pathOf(name)));
    await mkdir(dirname(link), { recursive: true });
    await mkdir(join(outside, 'map_index=-1'));
    await writeFile(join(outside, 'map_index=-1', 'attempt=3.log'), 'secret');
    await symlink(outside, link);
    await expect(logs().append(0, 'x')).rejects.toSatisfy(
      (error) => reasonOf(error) === 'bad_request',
    );
    const reading = readLog(logs().store, name, {
      offset: 0,
      follow: false,
      isComplete: async () => true,
      signal: new AbortController().signal,
    });
    await expect(reading.next()).rejects.toSatisfy((error) => reasonOf(error) === 'bad_request');
    await rm(outside, { recursive: true });
  });
});
