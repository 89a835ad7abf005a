// What ten thousand waits cost one triggerer, and how late it wakes those that fall due at once.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { serviceNodeFlags } from '../../../deploy/launch/service-flags.mjs';
import {
  clusterKey,
  startTestMesh,
  type TestMesh,
} from '../../../services/triggerer/testing/mesh.ts';
import type {
  SpecInit,
  TestScheduler,
  TestWait,
} from '../../../services/triggerer/testing/scheduler.ts';
import { repository } from '../../kit/mesh.ts';
import { type Program, startProgram } from '../../kit/program.ts';
import { eventually } from '../../kit/wait.ts';
import { cpuMs } from '../cost.ts';
import type { Measure } from '../measure.ts';

/** Waits that fall due at once, beside those that ask the world again and again. */
const TIMERS_COUNT = 7_000;
const POLLS_COUNT = 1_000;

/** Time for the waits to reach the triggerer before they fall due. */
const DUE_MS = 15_000;

/** Time for which the cost of waiting is watched. */
const WATCH_MS = 5_000;

export const triggersMeasure: Measure = {
  name: 'triggers',
  figures: [
    {
      key: 'triggersMb',
      title: '10,000 waiting triggers, resident memory',
      unit: 'MB',
      least: 300,
      better: 'lower',
    },
    {
      key: 'triggersCorePercent',
      title: '10,000 waiting triggers, CPU',
      unit: '% of a core',
      least: 50,
      better: 'lower',
    },
    {
      key: 'triggersWakeMs',
      title: '7,000 timers due at once, last one told',
      unit: 'ms',
      least: 2_000,
      better: 'lower',
    },
  ],
  run: async (mode) => {
    // A triggerer alone between stand-ins: the form of the mesh around it does not matter.
    if (mode !== 'mesh') return {};
    const folder = mkdtempSync(join(tmpdir(), 'dagmesh-bench-triggers-'));
    const site = createServer((_request, response) => void response.writeHead(503).end());
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const mesh = await startTestMesh();
    const triggerer = startTriggerer(mesh, folder);
    try {
      const scheduler = await mesh.addScheduler();
      const port = (site.address() as AddressInfo).port;
      return await watch(scheduler, triggerer, { folder, url: `http://127.0.0.1:${port}` });
    } finally {
      await triggerer.kill();
      await mesh.stop();
      site.closeAllConnections();
      site.close();
      rmSync(folder, { recursive: true });
    }
  },
};

function startTriggerer(mesh: TestMesh, folder: string): Program {
  return startProgram({
    name: 'triggerer',
    command: process.execPath,
    args: [...serviceNodeFlags, join(repository, 'services', 'triggerer', 'main.ts')],
    cwd: repository,
    logFile: join(folder, 'triggerer.log'),
    env: {
      PATH: process.env['PATH'] ?? '',
      DAGMESH_CLUSTER_KEY: clusterKey,
      DAGMESH_METADATA_ADDRESS: mesh.metadataAddress,
      DAGMESH_TRIGGERER_METRICS_PORT: '0',
    },
  });
}

async function watch(
  scheduler: TestScheduler,
  triggerer: Program,
  world: { readonly folder: string; readonly url: string },
): Promise<Readonly<Record<string, number>>> {
  const patience = { deadlineMs: 60_000, pollMs: 5 };
  await eventually(() => scheduler.attending.size === 1, { ...patience, what: 'it attends' });
  const dueMs = Date.now() + DUE_MS;
  scheduler.add(...timers(dueMs), ...polls(world));
  await sleep(WATCH_MS);
  const beforeMs = cpuMs(triggerer.pid);
  await sleep(WATCH_MS);
  const usedMs = cpuMs(triggerer.pid) - beforeMs;
  const waitingMb = residentMb(triggerer.pid);
  const isWoken = () => scheduler.ended.size >= TIMERS_COUNT;
  await eventually(isWoken, { ...patience, what: 'all timers have fired' });
  return {
    triggersMb: Math.max(waitingMb, residentMb(triggerer.pid)),
    triggersCorePercent: (usedMs / WATCH_MS) * 100,
    triggersWakeMs: Date.now() - dueMs,
  };
}

/** All memory of a process, in MB, with what it shares. */
function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

function timers(dueMs: number): readonly TestWait[] {
  const value = { moment: { case: 'at' as const, value: toTimestamp(dueMs) } };
  return Array.from({ length: TIMERS_COUNT }, (_, index) => ({
    waitId: `timer-${index}`,
    trigger: { kind: { case: 'timer', value } },
  }));
}

/** None of these comes to an end: each asks something else, once while the cost is watched. */
function polls(world: { readonly folder: string; readonly url: string }): readonly TestWait[] {
  const pollInterval = toDuration(WATCH_MS);
  const kinds = (index: number): readonly SpecInit['kind'][] => [
    { case: 'http', value: { url: `${world.url}/${index}`, pollInterval } },
    { case: 'file', value: { path: join(world.folder, `${index}`, '*'), pollInterval } },
    { case: 'externalTask', value: { dagId: 'other', runId: `run-${index}`, pollInterval } },
  ];
  return Array.from({ length: POLLS_COUNT }, (_, index) => kinds(index))
    .flat()
    .map((kind, index) => ({ waitId: `poll-${index}`, trigger: { kind } }));
}
