// DAGs under test that are closed when the test that opened them is over.
import { onTestFinished } from 'vitest';
import type { Dag } from '../author/dag.ts';
import { type DagTest, type TestDagOptions, testDag } from '../testing/index.ts';

/** DAGs under test from 2026-01-01 on, unless told otherwise. */
export async function tested(
  dags: Dag | readonly Dag[],
  options: TestDagOptions = {},
): Promise<DagTest> {
  const made = await testDag(dags, { startDate: '2026-01-01', ...options });
  onTestFinished(() => made.close());
  return made;
}

/** Seconds between two instants; NaN when there are not both. */
export function seconds(from: Date | undefined, to: Date | undefined): number {
  return ((to?.getTime() ?? Number.NaN) - (from?.getTime() ?? Number.NaN)) / 1_000;
}
