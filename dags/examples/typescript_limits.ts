// Limits: a pool-like key for an API, one run after the other, and no more than the past allows.
import { cron, dag, type TaskContext } from '@dagmesh/sdk';

dag(
  'typescript_limits',
  {
    schedule: cron('@hourly', { timezone: 'Europe/Berlin', runImmediately: false }),
    startDate: '2026-01-01',
    isPausedUponCreation: true,
    keyLimits: { 'api.example.com': { maxActive: 2, rate: { count: 10, period: '1m' } } },
    fairShareWeight: 2,
    allowedRunTypes: ['scheduled', 'manual', 'backfill'],
    tags: ['example'],
  },
  (d) => {
    d.partial(
      'ask_api',
      { limitKeys: ['api.example.com'], dependsOnPast: true, waitForDownstream: true },
      ({ inputs }: TaskContext<{ page: number }>) => `page ${inputs.page}`,
    ).expand({ page: [1, 2, 3, 4, 5] });
  },
);
