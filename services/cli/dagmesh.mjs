#!/usr/bin/env node
// The executable: says what is missing when this Node cannot run TypeScript, else hands over to main.ts.
import * as nodeModule from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 11)) {
  process.stderr.write(
    `dagmesh needs Node 24.11 or newer and this is ${process.versions.node}; "npm start" brings its own.\n`,
  );
  process.exitCode = 1;
} else {
  // Keeps what was stripped and compiled, which is most of what a short command waits for.
  nodeModule.enableCompileCache();
  await import('./main.ts');
}
