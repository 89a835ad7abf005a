// The page operators' machines read: /metrics for Prometheus, /healthz for probes.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/** A listening metrics server. */
export type MetricsServer = { readonly port: number; stop(): Promise<void> };

/**
 * Serves GET /metrics and GET /healthz (200 while `healthy()`, else 503). Port 0 takes a free one.
 * Rejects when the port is taken.
 */
export async function startMetricsServer(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly healthy: () => boolean;
}): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET') return answer(response, 405, 'only GET\n');
    if (request.url === '/healthz') {
      return options.healthy()
        ? answer(response, 200, 'ok\n')
        : answer(response, 503, 'not ready\n');
    }
    if (request.url !== '/metrics') return answer(response, 404, 'try /metrics or /healthz\n');
    options.metrics.text().then(
      (text) => answer(response, 200, text),
      () => answer(response, 500, 'metrics could not be collected\n'),
    );
  });
  server.maxConnections = 100;
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(options.port, options.host, listening.resolve);
  await listening.promise;
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(body);
}
