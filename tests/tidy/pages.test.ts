// Pages for people name files that are there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, repository } from './source.ts';

const TOP = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
const pages = [
  ...TOP,
  ...filesBelow(['services', 'sdk', 'dags', 'tests']).filter((path) => path.endsWith('.md')),
];

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(repository, page), 'utf8');

  it('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(repository, dirname(page), link)))).toEqual([]);
  });

  it('names tests by paths from the root', () => {
    const named = [...text.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
  });
});
