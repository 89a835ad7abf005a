// What a stack costs that has nothing to do.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestMesh } from '../../kit/mesh.ts';
import { cpuMs, family, memoryMb } from '../cost.ts';
import { onMesh, ready } from '../load.ts';
import type { Measure } from '../measure.ts';

const SETTLE_MS = 8_000;
const WATCH_MS = 20_000;

export const idleMeasure: Measure = {
  name: 'idle',
  figures: [
    {
      key: 'idleCorePercent',
      title: 'idle stack, CPU with servers',
      unit: '% of a core',
      least: 5,
      better: 'lower',
    },
    {
      key: 'idleMb',
      title: 'idle stack, memory without PostgreSQL',
      unit: 'MB',
      least: 700,
      better: 'lower',
    },
  ],
  run: (mode) =>
    onMesh({ mode }, async (mesh) => {
      await ready(mesh, 'bench_chain40');
      await sleep(SETTLE_MS);
      const beforeMs = stackCpuMs(mesh);
      await sleep(WATCH_MS);
      const usedMs = stackCpuMs(mesh) - beforeMs;
      return { idleCorePercent: (usedMs / WATCH_MS) * 100, idleMb: stackMb(mesh) };
    }),
};

function stackCpuMs(mesh: TestMesh): number {
  return stackPids(mesh).reduce((sum, pid) => sum + cpuMs(pid), 0);
}

/**
 * Every process of the stack, each once: services, workers and their children, PostgreSQL and its
 * own, nats-server.
 */
function stackPids(mesh: TestMesh): number[] {
  const roots = [...mesh.programs.values()].map((program) => program.pid);
  return [...new Set([...roots, mesh.postgres.pid, mesh.nats.pid].flatMap(family))];
}

function stackMb(mesh: TestMesh): number {
  const postgres = new Set(family(mesh.postgres.pid));
  const counted = stackPids(mesh).filter((pid) => !postgres.has(pid));
  return counted.reduce((sum, pid) => sum + memoryMb(pid), 0);
}
