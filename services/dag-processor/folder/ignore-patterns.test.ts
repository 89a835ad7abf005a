// Ignore files of regular expressions: rows from Airflow's documentation, and what it cannot stop.
import { expect, test } from 'vitest';
import { parseIgnorePatterns } from './ignore-patterns.ts';

test.each([
  ['project_a', 'project_a_dag_1.py', true],
  ['project_a', 'sub/project_a/dag.py', true],
  ['tenant_[\\d]', 'tenant_1.py', true],
  ['tenant_[\\d]', 'tenant_x.py', false],
  ['^sub/.*_old\\.py$', 'sub/a_old.py', true],
  ['^sub/.*_old\\.py$', 'x/sub/a_old.py', false],
  ['a.py  # not yet', 'a.py', true],
  ['# a.py', 'a.py', false],
  ['', 'a.py', false],
  ['b.py\r\na.py', 'a.py', true],
])('%j on %s: left out %s', (text, path, isLeftOut) => {
  expect(parseIgnorePatterns(text).rules(path, false) === true).toBe(isLeftOut);
});

test('what is no expression, or needs going back, is named; the others hold', () => {
  const { rules, unusable } = parseIgnorePatterns('(\n(a)\\1\n(?=x)y\nb');
  expect(unusable).toEqual(['(', '(a)\\1', '(?=x)y']);
  expect(rules('b', false)).toBe(true);
});

test('a pattern that would never end on its path does', () => {
  const beganMs = performance.now();
  expect(parseIgnorePatterns('^(a+)+$').rules(`${'a'.repeat(5_000)}!`, false)).toBeUndefined();
  expect(performance.now() - beganMs).toBeLessThan(10_000);
});
