// Chain hop and the chain of 40: one worker slot, one run after another.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '../../kit/mesh.ts';
import { percentile } from '../figures.ts';
import { onMesh, ready, runToEnd, spanMs } from '../load.ts';
import type { Measure } from '../measure.ts';

const RUNS_COUNT = 20;
const WARMUP_COUNT = 3;

export const chainMeasure: Measure = {
  name: 'chain',
  figures: [
    { key: 'chainHopMsP50', title: 'chain hop, p50', unit: 'ms', least: 8, better: 'lower' },
    { key: 'chainHopMsP99', title: 'chain hop, p99', unit: 'ms', least: 40, better: 'lower' },
    { key: 'chain40S', title: '40-task chain, one slot', unit: 's', least: 0.5, better: 'lower' },
  ],
  run: (mode) =>
    onMesh(
      (folder) => ({ mode, workers: [markingWorker(folder)] }),
      async (mesh) => {
        await ready(mesh, 'bench_chain40');
        const spansMs: number[] = [];
        for (let i = 0; i < WARMUP_COUNT + RUNS_COUNT; i += 1) {
          spansMs.push(spanMs(await runToEnd(mesh, 'bench_chain40')));
        }
        const hopsMs = hops(readFileSync(marksIn(mesh.folder), 'utf8')).slice(WARMUP_COUNT * 39);
        return {
          chainHopMsP50: percentile(hopsMs, 50),
          chainHopMsP99: percentile(hopsMs, 99),
          chain40S: percentile(spansMs.slice(WARMUP_COUNT), 50) / 1000,
        };
      },
    ),
};

const marksIn = (folder: string) => join(folder, 'marks');

/** A worker whose tasks write down when they ran. */
function markingWorker(folder: string): WorkerOptions {
  return { language: 'typescript', slots: 1, env: { DAGMESH_BENCH_MARKS: marksIn(folder) } };
}

/** From the end of one task's code to the start of the next one's, within each run. */
function hops(marks: string): number[] {
  const found: number[] = [];
  let last: { readonly runId: string; readonly endMs: number } | undefined;
  for (const line of marks.trim().split('\n')) {
    const [runId = '', , startMs, endMs] = line.split(' ');
    if (last?.runId === runId) found.push(Number(startMs) - last.endMs);
    last = { runId, endMs: Number(endMs) };
  }
  return found;
}
