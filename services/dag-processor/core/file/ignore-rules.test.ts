// Which paths `.dagmeshignore` leaves out: rows from the documentation of .gitignore.
import { expect, test } from 'vitest';
import { parseIgnoreRules } from './ignore-rules.ts';

test.each([
  ['*.py', 'a.py', true],
  ['*.py', 'deep/er/a.py', true],
  ['*.py', 'a.pyc', false],
  ['/a.py', 'a.py', true],
  ['/a.py', 'deep/a.py', false],
  ['deep/a.py', 'deep/a.py', true],
  ['deep/a.py', 'er/deep/a.py', false],
  ['**/deep/a.py', 'er/deep/a.py', true],
  ['deep/**', 'deep/er/a.py', true],
  ['a/**/z', 'a/z', true],
  ['a/**/z', 'a/b/c/z', true],
  ['test_?.py', 'test_1.py', true],
  ['test_?.py', 'test_12.py', false],
  ['*_test_*', 'my_test_dag.py', true],
  ['# a.py', 'a.py', false],
  ['', 'a.py', false],
  ['*.py\n!keep.py', 'keep.py', false],
  ['!keep.py\n*.py', 'keep.py', true],
  ['*.py\r\n', 'a.py', true],
  ['dag_[0-9].py', 'dag_7.py', true],
  ['dag_[0-9].py', 'dag_x.py', false],
  ['dag_[!0-9].py', 'dag_x.py', true],
  ['dag_[^0-9].py', 'dag_7.py', false],
  ['[]x].py', '].py', true],
  ['[ab', '[ab', true],
  ['\\#a.py', '#a.py', true],
  ['\\!a.py', '!a.py', true],
  ['a\\*.py', 'a*.py', true],
  ['a\\*.py', 'ab.py', false],
  ['*.py   ', 'a.py', true],
])('%j on %s: left out %s', (rules, path, isLeftOut) => {
  expect(parseIgnoreRules(rules)(path, false) === true).toBe(isLeftOut);
});

test('a slash at the end means folders only', () => {
  const rules = parseIgnoreRules('drafts/');
  expect(rules('drafts', true)).toBe(true);
  expect(rules('drafts', false)).toBeUndefined();
});

test('a glob full of stars takes no longer than the path is long', () => {
  const rules = parseIgnoreRules(`${'*a'.repeat(100)}b`);
  const beganMs = performance.now();
  expect(rules('a'.repeat(5_000), false)).toBeUndefined();
  expect(performance.now() - beganMs).toBeLessThan(10_000);
});
