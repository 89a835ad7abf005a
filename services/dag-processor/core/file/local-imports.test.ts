// Which files of the DAG folder a file is seen to import.
import { expect, test } from 'vitest';
import { localImports } from './local-imports.ts';

test('TypeScript: static, dynamic, type-only and side-effect imports of relative paths', () => {
  const text = `
import { a } from './a.ts';
import type { B } from "../b.ts";
import './c/d.ts';
export * from './e.ts';
const f = await import('./f.ts');
import { dag } from '@dagmesh/sdk';
import { readFile } from 'node:fs';
import { out } from '../../../outside.ts';
`;
  expect(localImports({ path: 'team/x.ts', text })).toEqual([
    'team/a.ts',
    'b.ts',
    'team/c/d.ts',
    'team/e.ts',
    'team/f.ts',
  ]);
});

test('Python: absolute imports from the DAG folder, relative ones from the package', () => {
  const text = `
import helpers
from team.lib import tables
    from . import near
from ..far import thing as other
from lib import (
    first,  # the first, and not the second
    third as last,
)
import deep.er.module
`;
  expect(localImports({ path: 'team/sub/x.py', text })).toEqual([
    ...['helpers.py', 'helpers/__init__.py'],
    'team/__init__.py',
    ...['team/lib.py', 'team/lib/__init__.py', 'team/lib/tables.py', 'team/lib/tables/__init__.py'],
    ...['team/sub/near.py', 'team/sub/near/__init__.py'],
    ...['team/far.py', 'team/far/__init__.py', 'team/far/thing.py', 'team/far/thing/__init__.py'],
    ...['lib.py', 'lib/__init__.py', 'lib/first.py', 'lib/first/__init__.py'],
    ...['lib/third.py', 'lib/third/__init__.py'],
    ...['deep/__init__.py', 'deep/er/__init__.py', 'deep/er/module.py'],
    'deep/er/module/__init__.py',
  ]);
});

test('YAML imports nothing', () => {
  expect(localImports({ path: 'x.yaml', text: `import './a.ts'` })).toEqual([]);
});

test.each(['x.ts', 'x.py'])('%s: a megabyte of blanks holds nobody up', (path) => {
  const beganMs = performance.now();
  localImports({ path, text: `from${' '.repeat(1_000_000)}import${' '.repeat(1_000_000)}` });
  expect(performance.now() - beganMs).toBeLessThan(10_000);
});
