// Which folder a lease's files are in.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesOf } from './bundle.ts';

let bundlesFolder: string;
const dagsFolder = '/srv/dags';

beforeAll(() => {
  bundlesFolder = mkdtempSync(join(tmpdir(), 'dagmesh-bundles-'));
  mkdirSync(join(bundlesFolder, 'weather', 'abc123'), { recursive: true });
});
afterAll(() => rmSync(bundlesFolder, { recursive: true, force: true }));

const find = (bundleName: string, bundleVersion: string) =>
  filesOf({ bundleName, bundleVersion }, { dagsFolder, bundlesFolder });

test('without a bundle the files are in the DAG folder', () => {
  expect(find('', '')).toEqual({ kind: 'found', folder: dagsFolder });
});

test('a bundle has a folder for each version', () => {
  const folder = join(bundlesFolder, 'weather', 'abc123');
  expect(find('weather', 'abc123')).toEqual({ kind: 'found', folder });
});

test('a version that is not here is told with the folder that was looked for', () => {
  const files = find('weather', 'def456');
  expect(files).toMatchObject({ kind: 'missing' });
  expect(files.kind === 'missing' && files.reason).toContain(join(bundlesFolder, 'weather/def456'));
});

test.each([
  ['..', 'abc123'],
  ['weather', '../../etc'],
  ['weather', ''],
  ['.', '.'],
])('the bundle %j in version %j is no path', (name, version) => {
  expect(find(name, version)).toMatchObject({ kind: 'missing' });
});
