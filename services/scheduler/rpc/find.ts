// Finding what a command is about: the DAG, the run (also a finished one), or a typed error.
import type { LoadRunResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { dagNotFound } from '#kernel/errors/not-found.ts';
import type { Dag } from '../core/dag.ts';
import { loadFinishedRun } from '../core/load/load-run.ts';
import type { Moment, Picture } from '../core/picture.ts';
import type { Run } from '../core/run/run.ts';
import { isRunFinished } from '../core/state.ts';
import type { RpcContext } from './context.ts';

/** Takes over a DAG that was stored a moment ago, so that a command for it need not wait. */
export async function learnDag(context: RpcContext, dagId: string): Promise<void> {
  const { engine, ownership, learn } = context;
  if (!engine.picture().dags.has(dagId) && ownership.owns(dagId)) await learn(dagId);
}

/** The DAG; `not_owner`, `taking_over` or `dag_not_found` otherwise. */
export function requireDag({ engine, ownership }: RpcContext, dagId: string): Dag {
  ownership.requireDag(dagId);
  const dag = engine.picture().dags.get(dagId);
  if (dag === undefined) throw dagNotFound(dagId);
  return dag;
}

/**
 * After a decision: throws `not_owner` when the DAG was lost, as what was decided may not have been
 * committed. All that asks this may be repeated.
 */
export function requireOwned(dag: Dag): void {
  if (dag.isOwned) return;
  throw fail('not_owner', `this scheduler lost DAG ${dag.dagId}; ask the new owner`);
}

/**
 * How to get at a run inside a decision: it may have ended, or come back to life, while the ledger
 * was asked.
 */
export type RunFinder = (picture: Picture, moment: Moment, how?: FindHow) => Run;

/** How a finished run is taken up again: with its own version of the DAG, or the newest. */
export type FindHow = { readonly isLatest: boolean };

/** Looks a run up; `run_not_found` when there is none. */
export async function findRun(
  context: RpcContext,
  of: { readonly dagId: string; readonly runId: string },
): Promise<RunFinder> {
  const { dagId, runId } = of;
  await learnDag(context, dagId);
  const dag = requireDag(context, dagId);
  const { loaded, seq } = dag.runs.has(runId) ? nothingRead : await readRun(context, of);
  return (picture, moment, how) => {
    const owner = requireDag(context, dagId);
    const live = owner.runs.get(runId);
    if (live !== undefined) return live;
    const isOutdated = owner !== dag || (picture.overRuns.get(loaded?.run?.id ?? '') ?? 0) >= seq;
    // One that lives in the ledger but not here has ended since.
    if (isOutdated || loaded?.run === undefined || !isRunFinished(loaded.run.state)) {
      throw fail('taking_over', `run ${runId} has just ended; try again`);
    }
    return revive(owner, loaded, { picture, moment, isLatest: how?.isLatest ?? false });
  };
}

/** A run as the ledger has it, and what had been decided of runs when that was asked. */
type RunReading = { readonly loaded: LoadRunResponse | undefined; readonly seq: number };

const nothingRead: RunReading = { loaded: undefined, seq: 0 };

async function readRun(
  { engine, ledger }: RpcContext,
  of: { readonly dagId: string; readonly runId: string },
): Promise<RunReading> {
  // What is decided already is in the ledger before that is asked.
  const seq = await engine.decide(({ picture }) => picture.nextSeq);
  return { loaded: await ledger.loadRun(of), seq };
}

function revive(
  dag: Dag,
  loaded: LoadRunResponse,
  at: { readonly picture: Picture; readonly moment: Moment; readonly isLatest: boolean },
): Run {
  const { run, version } = loaded;
  if (run === undefined || version === undefined) {
    throw fail('internal', 'a run was read without its version');
  }
  const { isLatest } = at;
  return loadFinishedRun(at.picture, dag, { ...loaded, run, version, isLatest }, at.moment);
}
