// What Prometheus and probes read.
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';
import { type MetricsServer, startMetricsServer } from './metrics-server.ts';

const servers: MetricsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('metrics', () => {
  it('are told with the service they belong to', async () => {
    const metrics = createMetrics('scheduler');
    metrics.counter('dagmesh_commits_total', 'Commits.', ['outcome']).inc({ outcome: 'ok' }, 3);
    metrics.gauge('dagmesh_live_runs', 'Runs.').set(2);
    metrics.histogram('dagmesh_commit_seconds', 'Time.', [0.1, 1]).observe(0.5);
    const text = await metrics.text();
    expect(text).toContain('dagmesh_commits_total{outcome="ok",service="scheduler"} 3');
    expect(text).toContain('dagmesh_live_runs{service="scheduler"} 2');
    expect(text).toContain('dagmesh_commit_seconds_bucket{le="1",service="scheduler"} 1');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('of two services in one process do not mix', async () => {
    const [one, other] = [createMetrics('one'), createMetrics('other')];
    one.counter('dagmesh_same_total', 'x').inc();
    other.counter('dagmesh_same_total', 'x').inc(5);
    expect(await one.text()).toContain('dagmesh_same_total{service="one"} 1');
    expect(await other.text()).toContain('dagmesh_same_total{service="other"} 5');
  });
});

describe('the metrics page', () => {
  it('says whether the service is well', async () => {
    let isWell = false;
    const url = await serve(() => isWell);
    expect((await fetch(`${url}/healthz`)).status).toBe(503);
    isWell = true;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('shows the metrics, and answers everything else with what there is', async () => {
    const url = await serve(() => true);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('dagmesh_seen_total');
    const lost = await fetch(`${url}/`);
    expect([lost.status, await lost.text()]).toEqual([404, 'try /metrics or /healthz\n']);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('stops twice', async () => {
    await serve(() => true);
    await servers[0]?.stop();
    await servers[0]?.stop();
  });
});

async function serve(healthy: () => boolean): Promise<string> {
  const metrics = createMetrics('test');
  metrics.counter('dagmesh_seen_total', 'Seen.').inc();
  const server = await startMetricsServer({ host: '127.0.0.1', port: 0, metrics, healthy });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}
