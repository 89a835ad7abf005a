// Finds the run that a question is about, or says what is missing: the DAG or the run.
import { dagNotFound, runNotFound } from '#kernel/errors/not-found.ts';
import type { Database } from '../ledger/database/database.ts';
import { readRun } from '../ledger/load/load-run.ts';
import type { DagRunRow } from '../ledger/record/dag-records.ts';
import { queryStatement as sql } from './statement.ts';

const FIND_DAG = sql<{ readonly dag_id: string }>('find_dag');

/** The run; `dag_not_found`, `run_not_found`. */
export async function findRun(
  database: Database,
  place: { readonly dagId: string; readonly runId: string },
): Promise<DagRunRow> {
  const run = await readRun(database, place);
  if (run !== undefined) return run;
  await requireDag(database, place.dagId);
  throw runNotFound(place);
}

/** Fails with `dag_not_found` when there is no such DAG. */
export async function requireDag(database: Database, dagId: string): Promise<void> {
  const [dag] = await database.browse(FIND_DAG, [dagId]);
  if (dag === undefined) throw dagNotFound(dagId);
}
