// How a benchmark task tells when its code ran: one line per task in a file, so that the mesh
// carries nothing for it.
import { appendFileSync } from 'node:fs';
import type { TaskContext } from '@dagmesh/sdk';

/** A no-op that notes its start and its end, in milliseconds with fractions since the epoch. */
export async function mark(ctx: TaskContext): Promise<void> {
  const startMs = performance.timeOrigin + performance.now();
  const file = process.env['DAGMESH_BENCH_MARKS'];
  if (file === undefined) throw new Error('DAGMESH_BENCH_MARKS names the file of the marks');
  const endMs = performance.timeOrigin + performance.now();
  appendFileSync(file, `${ctx.runId} ${ctx.taskId} ${startMs} ${endMs}\n`);
}

/** A task that does nothing at all. */
export async function nothing(): Promise<void> {}
