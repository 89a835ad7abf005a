// What is told about things that do not exist: by name, with the command that shows what there is.
import type { ConnectError } from '@connectrpc/connect';
import { fail } from './errors.ts';

/** Things of which there is one list for the whole of DagMesh. */
const LISTS = {
  asset: ['asset_not_found', 'dagmesh assets list'],
  backfill: ['backfill_not_found', 'dagmesh backfill list'],
  connection: ['connection_not_found', 'dagmesh connections list'],
  pool: ['pool_not_found', 'dagmesh pools list'],
  variable: ['variable_not_found', 'dagmesh variables list'],
} as const;

/** NOT_FOUND for an asset, backfill, connection, pool or variable. */
export function notFound(noun: keyof typeof LISTS, name: string): ConnectError {
  const [reason, list] = LISTS[noun];
  return fail(reason, `there is no ${noun} "${name}"; see those there are: ${list}`);
}

/** `dag_not_found`. */
export function dagNotFound(dagId: string): ConnectError {
  const lists = 'dagmesh dags list, and files that could not be read: dagmesh dags errors';
  return fail('dag_not_found', `there is no DAG "${dagId}"; see those there are: ${lists}`);
}

/** `run_not_found`. */
export function runNotFound(place: { readonly dagId: string; readonly runId: string }) {
  const { dagId, runId } = place;
  const words = `DAG "${dagId}" has no run "${runId}"`;
  return fail('run_not_found', `${words}; see those it has: dagmesh runs list ${dagId}`);
}

/** `task_not_found`; `what` names a task, a group or an instance, with its quotes. */
export function taskNotFound(place: {
  readonly dagId: string;
  readonly runId: string;
  readonly what: string;
}): ConnectError {
  const { dagId, runId, what } = place;
  const words = `run "${runId}" of DAG "${dagId}" has no ${what}`;
  return fail('task_not_found', `${words}; see those it has: dagmesh tasks list ${dagId} ${runId}`);
}
