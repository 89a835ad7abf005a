// `dagmesh <service>` is that service: its output, its signals, its exit code.
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../../tests/kit/wait.ts';
import { runCli, startCli } from '../../test-cli.ts';

const env = {
  DAGMESH_CLUSTER_KEY: 'cluster-key-of-these-tests',
  DAGMESH_API_PORT: '0',
  DAGMESH_API_METRICS_PORT: '0',
};

describe('a service started by the command line', () => {
  test('runs until it is told to stop, and stops cleanly', async () => {
    const cli = startCli(['api'], { env });
    await eventually(() => cli.stderr().includes('public door open'), {
      deadlineMs: 20_000,
      what: 'the api says that its door is open',
    });
    cli.signal('SIGINT');
    const { code, stderr } = await cli.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('"stopped"');
  });

  test('ends as it ends when it cannot start', async () => {
    const { code, stderr } = await runCli(['api'], { env: { DAGMESH_CLUSTER_KEY: 'short' } });
    expect(code).toBe(2);
    expect(stderr).toContain('DAGMESH_CLUSTER_KEY');
  });
});
