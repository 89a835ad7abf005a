// The list of bundles as operators write it: what is taken, and what is refused in which words.
import { describe, expect, test } from 'vitest';
import { parseBundles } from './bundle-list.ts';

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
    [[git, { ...git, name: 'y', url: undefined }], 'bundle 2 has no url'],
    [[{ ...git, branch: 'main' }], 'bundle 1 has an unknown key "branch"'],
    [[git, git], 'has two bundles "x"'],
    [[{ ...git, name: '../x' }], 'bundle 1 has name "../x"'],
    [[{ ...git, name: '..' }], 'bundle 1 has name ".."'],
    [[{ ...git, url: '--upload-pack=touch /tmp/x' }], 'bundle 1 has url that cannot be used'],
    [[{ ...git, ref: '--output=x' }], 'bundle 1 has ref "--output=x"'],
    [[{ ...git, subfolder: '../x' }], 'bundle 1 has subfolder "../x"'],
    [[{ ...git, subfolder: 'a/../../x' }], 'bundle 1 has subfolder'],
    [[{ ...git, subfolder: '/etc' }], 'bundle 1 has subfolder "/etc"'],
    [[{ ...git, refresh_seconds: 0 }], 'refresh_seconds from 1 to 86400'],
    [[{ name: 'x', kind: 'folder', path: 'dags' }], 'bundle 1 has path "dags"'],
  ])('%j is refused', (list, cause) => {
    expect(() => parseBundles(JSON.stringify(list))).toThrow(cause);
  });

  test('without a ref means the branch that the repository offers first', () => {
    const [bundle] = parseBundles(JSON.stringify([{ ...git, ref: undefined }]));
    expect(bundle).toMatchObject({ ref: '' });
  });

  test.each([
    '[{"name":"x","kind":"git","url":"https://me:hunter2@example.org/x" "ref":"main"}]',
    '[{"name":"x","kind":"git","url":"https://me:hunter2 @example.org/x"}]',
    'hunter2',
  ])('what is wrong with %s is told without the password', (json) => {
    expect(() => parseBundles(json)).toThrow(/^(?!.*hunter2)/s);
  });
});
