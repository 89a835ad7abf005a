// `dagmesh version`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import { REPOSITORY } from '../config.ts';
import { showOne } from '../screen.ts';

export const showVersion = command({
  path: 'version',
  summary: 'Print the version',
  examples: ['dagmesh version', 'dagmesh version -o json'],
  run: async (_given, { screen }) => {
    const versions = { dagmesh: ownVersion(), node: process.versions.node };
    showOne(screen, versions, () => `dagmesh ${versions.dagmesh} (node ${versions.node})`);
  },
});

/** The version in package.json. */
function ownVersion(): string {
  const file: { version: string } = JSON.parse(
    readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
  );
  return file.version;
}
