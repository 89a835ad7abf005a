// Which files have to be looked at again.
import { expect, test } from 'vitest';
import {
  catalogDifferences,
  type FileRecord,
  filesToLookAt,
  recordFromCatalog,
  unreadRecord,
} from './file-record.ts';

function aRecord(
  path: string,
  signatures: Record<string, string | undefined>,
): [string, FileRecord] {
  return [path, { ...unreadRecord(path), signatures: new Map(Object.entries(signatures)) }];
}

test('gone files come first, then new ones and those that changed, themselves or in an import', () => {
  const records = new Map([
    aRecord('same.ts', { 'same.ts': '1', 'lib.ts': '1' }),
    aRecord('changed.ts', { 'changed.ts': '1' }),
    aRecord('importing.ts', { 'importing.ts': '1', 'late.ts': undefined }),
    aRecord('gone.ts', { 'gone.ts': '1' }),
  ]);
  const listed = ['new.ts', 'same.ts', 'changed.ts', 'importing.ts'];
  const signatures = new Map([
    ['new.ts', '1'],
    ['same.ts', '1'],
    ['changed.ts', '2'],
    ['importing.ts', '1'],
    ['lib.ts', '1'],
    ['late.ts', '1'],
  ]);
  expect(filesToLookAt(records, listed, signatures)).toEqual([
    'gone.ts',
    'new.ts',
    'changed.ts',
    'importing.ts',
  ]);
});

test('a file known from the catalog is looked at once, and read only if its digest is another or it failed', () => {
  const good = recordFromCatalog({ path: 'a.ts', digest: 'd', hasError: false });
  expect(filesToLookAt(new Map([['a.ts', good]]), ['a.ts'], new Map([['a.ts', '1']]))).toEqual([
    'a.ts',
  ]);
  expect(good.digest).toBe('d');
  expect(recordFromCatalog({ path: 'a.ts', digest: 'd', hasError: true }).digest).toBe('');
});

test('what the catalog lost is stored again, what it should not have is found', () => {
  const stored = (path: string, fields: Partial<FileRecord>): [string, FileRecord] => [
    path,
    { ...unreadRecord(path), ...fields },
  ];
  const records = new Map([
    stored('kept.ts', { digest: 'd' }),
    stored('older.ts', { digest: 'new' }),
    stored('missing.ts', { digest: 'd' }),
    stored('failed.ts', { digest: 'd', error: 'no' }),
    stored('failed-later.ts', { digest: 'd', error: 'no' }),
    stored('being-read.ts', {}),
  ]);
  const entries = [
    { path: 'kept.ts', digest: 'd', hasError: false },
    { path: 'older.ts', digest: 'old', hasError: false },
    { path: 'failed.ts', digest: '', hasError: true },
    { path: 'failed-later.ts', digest: 'd', hasError: false },
    { path: 'ghost.ts', digest: 'd', hasError: false },
  ];
  expect(catalogDifferences(records, entries)).toEqual({
    lost: ['older.ts', 'missing.ts', 'failed-later.ts'],
    unknown: [{ path: 'ghost.ts', digest: 'd', hasError: false }],
  });
});
