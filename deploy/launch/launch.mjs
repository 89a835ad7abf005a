// The front door: `node deploy/launch/launch.mjs start|demo|test|bench [arguments]`, on any Node ≥
// 18. Fetches what is missing, says each step, then hands over to the product itself under the
// right Node.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureNats } from './nats.mjs';
import { ensureNode, withNode } from './node.mjs';
import { ensurePackages } from './packages.mjs';
import { ensurePython } from './python.mjs';
import { programNodeFlags } from './service-flags.mjs';
import { foreground, LaunchError, step } from './steps.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What each command runs once everything is in place: a list of programs, run until one fails. */
const commands = {
  start: (rest) => [[...programNodeFlags, 'services/standalone/main.ts', ...rest]],
  demo: (rest) => [[...programNodeFlags, 'services/standalone/main.ts', '--demo', ...rest]],
  test: (rest) => [['tests/run.ts', ...rest]],
  bench: (rest) => [['tests/bench/main.ts', ...rest]],
  conformance: (rest) => [['node_modules/vitest/vitest.mjs', 'run', 'tests/conformance', ...rest]],
};

async function launch([name, ...rest]) {
  const programs = commands[name]?.(rest);
  if (programs === undefined) {
    throw new LaunchError(`usage: launch.mjs ${Object.keys(commands).join('|')} [arguments]`);
  }
  let node = process.execPath;
  await step('Node', async () => {
    const found = await ensureNode();
    node = found.node;
    return found.outcome;
  });
  const env = withNode(node);
  await step('packages', () => ensurePackages({ root, env }));
  await step('nats-server', ensureNats);
  await step('Python environment', () => ensurePython({ root, env }));
  for (const program of programs) {
    const code = await foreground(node, program, { cwd: root, env });
    if (code !== 0) return code;
  }
  return 0;
}

launch(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error instanceof LaunchError ? error.message : error);
    process.exitCode = 1;
  },
);
