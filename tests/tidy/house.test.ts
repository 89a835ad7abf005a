// The house rules, applied to every file of ours.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exceptions } from './exceptions.ts';
import { show, type Violation } from './rule.ts';
import { rules } from './rules.ts';
import { unusedFiles } from './rules/unused.ts';
import { filesBelow, readSources, repository } from './source.ts';

const FOLDERS = ['services', 'sdk', 'dags', 'deploy', 'tests'];
const UNUSED = 'no file is left that nobody imports';
const sources = readSources(FOLDERS);

describe('in this house', () => {
  it.each(rules)('$name', (rule) => {
    const violations = sources.flatMap((source) => rule.check(source));
    expect(unexcused(rule.name, violations).map(show)).toEqual([]);
  });

  it(UNUSED, () => {
    expect(unexcused(UNUSED, unused()).map(show)).toEqual([]);
  });

  it('no exception is left that nobody needs', () => {
    const broken = new Map([
      ...rules.map((rule) => [rule.name, sources.flatMap((source) => rule.check(source))] as const),
      [UNUSED, unused()] as const,
    ]);
    const idle = exceptions.filter(
      ({ rule, path }) => !broken.get(rule)?.some((violation) => covers(path, violation)),
    );
    expect(idle).toEqual([]);
  });
});

function unused(): readonly Violation[] {
  const others = filesBelow([...FOLDERS, '.ci']).filter((path) =>
    /\.(sh|py|json)$|^\.ci\//.test(path),
  );
  const texts = ['package.json', 'sdk/typescript/package.json', ...others].map((path) =>
    readFileSync(join(repository, path), 'utf8'),
  );
  return unusedFiles(sources, texts);
}

function unexcused(rule: string, violations: readonly Violation[]): Violation[] {
  const excused = exceptions.filter((exception) => exception.rule === rule);
  return violations.filter((violation) => !excused.some(({ path }) => covers(path, violation)));
}

function covers(path: string, violation: Violation): boolean {
  return path.endsWith('/') ? violation.path.startsWith(path) : violation.path === path;
}
