// Finding what a command is about: the DAG, the run (also a finished one), or a typed error.
import type { LoadRunResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { loadFinishedRun } from '../core/load/load.ts';
import type { Dag, Moment, Picture, Run } from '../core/picture.ts';
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
  if (dag === undefined) {
    throw fail(
      'dag_not_found',
      `there is no DAG "${dagId}"; "dagmesh dags list" shows those there are`,
    );
  }
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
  const dag = requireDag(context, dagId);
  const finished = dag.runs.has(runId) ? undefined : await context.ledger.loadRun({ dagId, runId });
  return (picture, moment, how) => {
    const owner = requireDag(context, dagId);
    const live = owner.runs.get(runId);
    if (live !== undefined) return live;
    return revive(owner, finished, { picture, moment, runId, isLatest: how?.isLatest ?? false });
  };
}

function revive(
  dag: Dag,
  loaded: LoadRunResponse | undefined,
  at: {
    readonly picture: Picture;
    readonly moment: Moment;
    readonly runId: string;
    readonly isLatest: boolean;
  },
): Run {
  const isOver = loaded?.run !== undefined && isRunFinished(loaded.run.state);
  // One that lives in the ledger but not here has ended in a commit that is still under way.
  if (!isOver || loaded.run === undefined || loaded.version === undefined) {
    throw fail('taking_over', `run ${at.runId} has just ended; try again`);
  }
  const { run, version } = loaded;
  const { isLatest } = at;
  return loadFinishedRun(at.picture, dag, { ...loaded, run, version, isLatest }, at.moment);
}
