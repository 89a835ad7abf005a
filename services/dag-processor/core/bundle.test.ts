// The list of bundles as operators write it, and the paths of files in bundles.
import { describe, expect, test } from 'vitest';
import { catalogPath, parseBundles, splitCatalogPath } from './bundle.ts';

describe('the list', () => {
  test('of folders and repositories', () => {
    const json = `[
      { "name": "shared", "kind": "folder", "path": "/srv/dags" },
      { "name": "team", "kind": "git", "url": "https://example.org/x.git", "ref": "main" },
      { "name": "etl", "kind": "git", "url": "git@example.org:etl", "ref": "v1.2",
        "subfolder": "etl/dags", "refresh_seconds": 5 }
    ]`;
    expect(parseBundles(json)).toEqual([
      { kind: 'folder', name: 'shared', path: '/srv/dags' },
      {
        ...{ kind: 'git', name: 'team', url: 'https://example.org/x.git', ref: 'main' },
        ...{ subfolder: '', refreshMs: 60_000 },
      },
      {
        ...{ kind: 'git', name: 'etl', url: 'git@example.org:etl', ref: 'v1.2' },
        ...{ subfolder: 'etl/dags', refreshMs: 5_000 },
      },
    ]);
  });

  const git = { name: 'x', kind: 'git', url: 'https://example.org', ref: 'main' };
  test.each<[unknown, string]>([
    [{}, 'is no list'],
    [[7], 'bundle 1 is no object'],
    [[{ name: 'x', kind: 's3' }], 'bundle 1 must have the kind "folder" or "git"'],
    [[{ kind: 'folder', path: '/x' }], 'bundle 1 has no name'],
    [[git, { ...git, name: 'y', ref: undefined }], 'bundle 2 has no ref'],
    [[{ ...git, branch: 'main' }], 'bundle 1 has an unknown key "branch"'],
    [[git, git], 'has two bundles "x"'],
    [[{ ...git, name: '../x' }], 'bundle 1 has name "../x"'],
    [[{ ...git, name: '..' }], 'bundle 1 has name ".."'],
    [[{ ...git, url: '--upload-pack=touch /tmp/x' }], 'bundle 1 has url "--upload-pack'],
    [[{ ...git, ref: '--output=x' }], 'bundle 1 has ref "--output=x"'],
    [[{ ...git, subfolder: '../x' }], 'bundle 1 has subfolder "../x"'],
    [[{ ...git, subfolder: 'a/../../x' }], 'bundle 1 has subfolder'],
    [[{ ...git, subfolder: '/etc' }], 'bundle 1 has subfolder "/etc"'],
    [[{ ...git, refresh_seconds: 0 }], 'refresh_seconds from 1 to 86400'],
    [[{ name: 'x', kind: 'folder', path: 'dags' }], 'bundle 1 has path "dags"'],
  ])('%j is refused', (list, cause) => {
    expect(() => parseBundles(JSON.stringify(list))).toThrow(cause);
  });

  test('what is not JSON is refused', () => {
    expect(() => parseBundles('[')).toThrow('is not JSON');
  });
});

test.each([
  ['', 'team/a.yaml', 'team/a.yaml'],
  ['team', 'a.yaml', 'team://a.yaml'],
  ['team', 'x/a.yaml', 'team://x/a.yaml'],
])('bundle %j and path %s are %s in the catalog, and back', (bundleName, path, known) => {
  expect(catalogPath(bundleName, path)).toBe(known);
  expect(splitCatalogPath(known)).toEqual({ bundleName, path });
});
