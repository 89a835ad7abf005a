// Finds the values that a running task pulls: in its run, in another one, in earlier ones.
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { DagRun } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { LiveAttempt } from '../attempts/live-attempts.ts';
import { nothingPulled, placesOfPull, type Pull, type Pulled, pulledFrom } from '../core/pull.ts';
import type { XComReader } from './xcom-reader.ts';

/** In which runs to look. */
export type PullScope = {
  /** '' means the attempt's own DAG. */
  readonly dagId: string;
  /** '' means the attempt's own run, or the run of the other DAG with the same id. */
  readonly runId: string;
  /** Whether runs with an earlier logical date count when this one has nothing. */
  readonly includesPriorDates: boolean;
};

/** Pulls values for running attempts. */
export type XComPull = {
  /** What was pushed; undefined when nothing was. Throws `run_not_found`. */
  pull(
    attempt: LiveAttempt,
    pull: Pull,
    scope: PullScope,
    signal: AbortSignal,
  ): Promise<Pulled | undefined>;
};

/** How many earlier runs are looked through. */
const PRIOR_RUNS_MAX = 1_000;

/** How many earlier runs the first look takes in; each further one takes in four times as many. */
const FIRST_LOOK = 2;

/** Most addresses of one look. */
const LOOK_ADDRESSES_MAX = 1_000;

type Ledger = Pick<Client<typeof LedgerService>, 'listRuns' | 'listStates'>;

/** Pulls through the ledger. */
export function createXComPull(options: {
  readonly ledger: Ledger;
  readonly xcoms: XComReader;
}): XComPull {
  const { ledger, xcoms } = options;

  const pullIn = async (
    dagRunIds: readonly string[],
    pull: Pull,
    how: { readonly ownAttemptId: string; readonly signal: AbortSignal },
  ): Promise<Pulled | undefined> => {
    const places = dagRunIds.flatMap((dagRunId) => placesOfPull(dagRunId, pull));
    const values = await xcoms.read(places, { ...how, splitsSeries: true });
    for (const dagRunId of dagRunIds) {
      const pulled = pulledFrom(values, dagRunId, pull);
      if (pulled !== undefined) return pulled;
    }
    return undefined;
  };

  return {
    pull: async (attempt, pull, scope, signal) => {
      const how = { ownAttemptId: attempt.attemptId, signal };
      const { place } = attempt;
      const dagId = scope.dagId || place.dagId;
      const runId = scope.runId || place.runId;
      const isHome = dagId === place.dagId && runId === place.runId;
      const run = isHome ? undefined : await findRun(ledger, dagId, runId, signal);
      const dagRunId = isHome ? attempt.dagRunId : run?.id;
      if (dagRunId !== undefined) {
        const pulled = await pullIn([dagRunId], pull, how);
        if (pulled !== undefined) return pulled;
      }
      if (!scope.includesPriorDates) {
        if (dagRunId === undefined) throw runNotFound(dagId, runId);
        return nothingPulled(pull);
      }
      const until = run ?? (await findRun(ledger, place.dagId, place.runId, signal));
      const prior = await listPrior(ledger, dagId, until?.logicalDate, signal);
      const runIds = prior.map(({ id }) => id).filter((id) => id !== dagRunId);
      for (const look of looks(runIds, pull)) {
        const pulled = await pullIn(look, pull, how);
        if (pulled !== undefined) return pulled;
      }
      return nothingPulled(pull);
    },
  };
}

async function findRun(
  ledger: Ledger,
  dagId: string,
  runId: string,
  signal: AbortSignal,
): Promise<DagRun | undefined> {
  const { runs } = await ledger.listStates({ dagId, runId }, { signal });
  return runs[0];
}

/** Runs with a logical date up to this one, latest first. */
async function listPrior(
  ledger: Ledger,
  dagId: string,
  toDate: Timestamp | undefined,
  signal: AbortSignal,
): Promise<readonly DagRun[]> {
  if (toDate === undefined) return [];
  const question = { dagId, toDate, isDescending: true, hasLogicalDate: true };
  const { runs } = await ledger.listRuns({ ...question, limit: PRIOR_RUNS_MAX }, { signal });
  return runs;
}

/** Runs in groups that are read together: few first, for the value is mostly in the last one. */
function* looks(dagRunIds: readonly string[], pull: Pull): Generator<readonly string[]> {
  const perRun = placesOfPull('', pull).length;
  const most = Math.max(1, Math.floor(LOOK_ADDRESSES_MAX / perRun));
  let size = FIRST_LOOK;
  for (let from = 0; from < dagRunIds.length; ) {
    const look = dagRunIds.slice(from, from + Math.min(size, most));
    yield look;
    from += look.length;
    size *= 4;
  }
}

function runNotFound(dagId: string, runId: string): Error {
  return fail('run_not_found', `DAG ${dagId} has no run ${runId}; name another one by run_id`);
}
