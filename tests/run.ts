// `npm test`: every check and suite of the default run, one after another, with a line for each and
// a count at the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = (name: string) => join('node_modules', '.bin', name);
const reportFolder = mkdtempSync(join(tmpdir(), 'dagmesh-test-report-'));
const vitestReport = join(reportFolder, 'vitest.json');

type Check = { readonly name: string; readonly command: string; readonly args: readonly string[] };

const checks: readonly Check[] = [
  { name: 'types', command: bin('tsc'), args: ['-p', 'tsconfig.json'] },
  { name: 'lint', command: bin('oxlint'), args: ['--type-aware'] },
  { name: 'format', command: bin('biome'), args: ['format', '.'] },
  { name: 'contracts', command: bin('buf'), args: ['lint'] },
  { name: 'contracts stay compatible', command: 'bash', args: ['deploy/gen/breaking.sh'] },
  {
    name: 'TypeScript suite',
    command: bin('vitest'),
    args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
  },
  { name: 'Python suite', command: 'bash', args: ['deploy/gen/python-test.sh'] },
  { name: 'Go stubs', command: 'bash', args: ['deploy/gen/go-test.sh'] },
];

let running: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    running?.kill(signal);
    process.kill(process.pid, signal);
  });
}

const failed: string[] = [];
for (const check of checks) {
  console.log(`\n▸ ${check.name}`);
  const startedAt = performance.now();
  const code = await run(check);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? '✓' : '✗'} ${check.name} (${seconds} s)`);
  if (code !== 0) failed.push(check.name);
}

const tests = vitestCounts();
rmSync(reportFolder, { recursive: true, force: true });
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`);
const passedCount = tests.passed + checks.length - failed.length;
console.log(`\n${passedCount} passed, ${tests.failed + failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(check: Check): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(check.command, check.args, { stdio: ['ignore', 'inherit', 'inherit'] });
    running = child;
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** A run that left no report counts as no tests, and its check has failed. */
function vitestCounts(): { passed: number; failed: number } {
  try {
    const report = JSON.parse(readFileSync(vitestReport, 'utf8'));
    return { passed: report.numPassedTests, failed: report.numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
