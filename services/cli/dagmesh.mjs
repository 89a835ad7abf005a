#!/usr/bin/env node
// The executable: runs main.ts here when this Node can, else in the Node that `npm start` keeps in
// the cache.
import { spawn } from 'node:child_process';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('main.ts', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 11)) {
  // Keeps what was stripped and compiled, which is most of what a short command waits for.
  nodeModule.enableCompileCache();
  await import(main.href);
} else {
  const { ensureNode } = await import('../../deploy/launch/node.mjs');
  try {
    const { node } = await ensureNode();
    runIn(node);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

/** Its streams are ours, its end our end. Ctrl-C reaches it by itself: the terminal tells both. */
function runIn(node) {
  const args = [fileURLToPath(main), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
