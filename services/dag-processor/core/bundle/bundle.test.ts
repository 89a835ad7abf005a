// The paths by which the catalog knows files of bundles.
import { expect, test } from 'vitest';
import { catalogPath, splitCatalogPath } from './bundle.ts';

test.each([
  ['', 'team/a.yaml', 'team/a.yaml'],
  ['team', 'a.yaml', 'team://a.yaml'],
  ['team', 'x/a.yaml', 'team://x/a.yaml'],
])('bundle %j and path %s are %s in the catalog, and back', (bundleName, path, known) => {
  expect(catalogPath(bundleName, path)).toBe(known);
  expect(splitCatalogPath(known)).toEqual({ bundleName, path });
});
