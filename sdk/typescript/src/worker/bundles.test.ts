// DAG files out of bundles: the checkout that the lease names, side by side with other versions.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { aLease, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from '../testkit/fake-executor.ts';
import type { FakeSession } from '../testkit/fake-session.ts';
import { connectWorker, stopWorkers } from '../testkit/start-worker.ts';

let fake: FakeExecutor;
let session: FakeSession;
let bundles: string;

beforeAll(async () => {
  bundles = mkdtempSync(join(tmpdir(), 'dagmesh-bundles-'));
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(bundles, 'weather', version, 'lib'), { recursive: true });
    writeFileSync(
      join(bundles, 'weather', version, 'lib', 'version.ts'),
      `export const version = '${version}';\n`,
    );
    writeFileSync(
      join(bundles, 'weather', version, 'flow.ts'),
      `import { dag } from '@dagmesh/sdk';
import { version } from './lib/version.ts';
dag('flow', (d) => void d.task('tell', () => version));
`,
    );
  }
  fake = await startFakeExecutor();
  ({ session } = await connectWorker(fake, { DAGMESH_BUNDLES_FOLDER: bundles }));
  session.keepAlive();
});

afterAll(async () => {
  await stopWorkers();
  fake.stop();
  rmSync(bundles, { recursive: true, force: true });
});

function run(bundleVersion: string) {
  const bundle = { bundleName: 'weather', bundleVersion };
  return runToReport(session, aLease('flow.tell', { handler: 'flow.ts:flow.tell', ...bundle }));
}

test('two versions of a bundle run side by side, each with its own files', async () => {
  for (const version of ['v1', 'v2', 'v1']) {
    const { xcoms } = await run(version);
    expect(xcoms[0]?.valueJson).toBe(`"${version}"`);
  }
});

test('a version without checkout is rejected, which costs no try', async () => {
  const { outcome, reason } = await run('v3');
  expect(outcome).toBe(Outcome.REJECTED);
  expect(reason).toContain('no checkout of version "v3" of the bundle "weather"');
});
