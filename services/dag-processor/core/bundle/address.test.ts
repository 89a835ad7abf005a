// What is secret in an address of a repository.
import { expect, test } from 'vitest';
import { readAddress, withoutSecrets } from './address.ts';

test.each([
  ['https://me:p%40ss@example.org:8443/x.git', 'https://example.org:8443/x.git', 'me', 'p@ss'],
  ['https://me:p@ss@example.org/x.git', 'https://example.org/x.git', 'me', 'p@ss'],
  ['https://token@example.org/x.git', 'https://example.org/x.git', 'token', ''],
  ['HTTP://me:100%@example.org/x', 'http://example.org/x', 'me', '100%'],
])('%s is %s for user %j with password %j', (text, url, username, password) => {
  const read = readAddress(text);
  expect(read).toMatchObject({ url, credentials: { username, password } });
  expect(read.credentials?.origin).toBe(new URL(url).origin);
});

test.each(['https://example.org/x', 'git@example.org:x', 'ssh://git@example.org/x', '/srv/x'])(
  '%s has no secrets',
  (url) => {
    expect(readAddress(url)).toEqual({ url, credentials: undefined });
  },
);

test.each([
  ["cannot access 'https://me:p@ss@example.org/x/'", "cannot access 'https://example.org/x/'"],
  ['http://token@a/x and ssh://me:pw@b/y', 'http://a/x and ssh://b/y'],
  ['https://a/x?private_token=abc&depth=1 is gone', 'https://a/x?private_token=…&depth=… is gone'],
  ['fatal: git@example.org: denied', 'fatal: git@example.org: denied'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});
