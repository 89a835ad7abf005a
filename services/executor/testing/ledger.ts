// For tests: the ledger of a metadata service in memory, as far as an executor uses it.
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { GetStateRequest, LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { TestMetadata } from './metadata.ts';
import { notHere, notStreamedHere } from './not-here.ts';
import { type LiveLease, type TestScheduler, testRun } from './scheduler.ts';
import { readXComs, type TestRun, type TestXCom, xcomsOf } from './xcoms.ts';

/** What the ledger answers from, as it is at the moment of a call. */
export type LedgerState = () => TestMetadata & { readonly schedulers: readonly TestScheduler[] };

const leasesOf = (state: LedgerState) =>
  state().schedulers.flatMap(({ live }) => [...live.values()]);

function requireLive(state: LedgerState, attemptId: string): LiveLease {
  const found = leasesOf(state).find((lease) => lease.attemptId === attemptId);
  if (found === undefined) throw fail('stale_attempt', 'it is not live');
  return found;
}

/** The RPCs of the ledger that an executor calls. */
export function ledgerHandlers(state: LedgerState): Handlers<typeof LedgerService> {
  return {
    commit: notHere,
    loadPartitions: notStreamedHere,
    loadDag: notHere,
    loadPast: notHere,
    loadBegins: notHere,
    watchDeliveries: notStreamedHere,
    loadDeliveries: notHere,
    putAssetEvents: notHere,
    listAssetWatchers: notStreamedHere,
    ...attemptHandlers(state),
    ...xcomHandlers(state),
    ...runHandlers(state),
    ...stateHandlers(state),
  };
}

function attemptHandlers(
  state: LedgerState,
): Pick<Handlers<typeof LedgerService>, 'loadRun' | 'getAttempt'> {
  return {
    loadRun: async () => ({
      taskInstances: leasesOf(state).map(({ taskId, mapIndex, attemptId, epoch }) => ({
        id: attemptId,
        taskId,
        epoch,
        mapIndex,
        state: TaskInstanceState.RUNNING,
      })),
      attempts: leasesOf(state).map(({ attemptId, epoch }) => ({
        taskInstanceId: attemptId,
        attemptId,
        epoch,
        state: TaskAttemptState.RUNNING,
      })),
    }),
    getAttempt: async ({ attemptId }) => {
      const found = leasesOf(state).find((lease) => lease.attemptId === attemptId);
      if (found === undefined) throw fail('attempt_not_found', 'there is none');
      const { epoch, taskId, mapIndex } = found;
      const { declared, inlets } = state();
      return {
        attempt: { attemptId, epoch, state: TaskAttemptState.RUNNING },
        taskInstance: { ...testRun, taskId, mapIndex },
        task: { taskId, connections: [...declared], inlets },
      };
    },
  };
}

function xcomHandlers(
  state: LedgerState,
): Pick<Handlers<typeof LedgerService>, 'readXComs' | 'pushXCom' | 'deleteXCom'> {
  const check = () => {
    const { failure } = state();
    if (failure !== undefined) throw fail(failure, 'as the test wants it');
  };
  /** What a running attempt has pushed replaces what was there before. */
  const ownOf = (attemptId: string): TestXCom[] => {
    const lease = leasesOf(state).find((each) => each.attemptId === attemptId);
    if (lease === undefined) return [];
    const { taskId, mapIndex } = lease;
    return [...state().ownXComs]
      .filter(([name]) => name.startsWith(`${attemptId}/`))
      .map(([name, valueJson]) => {
        const key = name.slice(attemptId.length + 1);
        return { dagRunId: testRun.dagRunId, taskId, mapIndex, key, valueJson };
      });
  };
  return {
    readXComs: async (request) => {
      const { xcomReads, runs, xcomAnswerMax } = state();
      xcomReads.push(request);
      check();
      const visible = [...runs.flatMap(xcomsOf), ...ownOf(request.ownAttemptId)];
      return { xcoms: readXComs(visible, request, xcomAnswerMax) };
    },
    pushXCom: async ({ attemptId, xcoms }) => {
      check();
      requireLive(state, attemptId);
      for (const { key, valueJson } of xcoms) {
        state().ownXComs.set(`${attemptId}/${key}`, valueJson);
        state().changes.push({ rpc: 'pushXCom', what: key });
      }
      return {};
    },
    deleteXCom: async ({ attemptId, key }) => {
      requireLive(state, attemptId);
      state().ownXComs.delete(`${attemptId}/${key}`);
      state().changes.push({ rpc: 'deleteXCom', what: key });
      return {};
    },
  };
}

function runHandlers(
  state: LedgerState,
): Pick<Handlers<typeof LedgerService>, 'listRuns' | 'listStates' | 'listAssetEvents'> {
  const toRun = ({ dagId, runId, dagRunId, logicalDateMs }: TestRun) => ({
    id: dagRunId,
    dagId,
    runId,
    ...(logicalDateMs === undefined ? {} : { logicalDate: toTimestamp(logicalDateMs) }),
  });
  return {
    listRuns: async ({ dagId, toDate, isDescending, limit }) => {
      const toMs = fromTimestamp(toDate) ?? Number.POSITIVE_INFINITY;
      const dated = state().runs.flatMap((run) => {
        const { logicalDateMs: atMs } = run;
        return run.dagId === dagId && atMs !== undefined && atMs <= toMs ? [{ run, atMs }] : [];
      });
      dated.sort((a, b) => (isDescending ? b.atMs - a.atMs : a.atMs - b.atMs));
      return { runs: dated.slice(0, limit).map(({ run }) => toRun(run)) };
    },
    listStates: async ({ dagId, runId }) => ({
      runs: state()
        .runs.filter((run) => run.dagId === dagId && run.runId === runId)
        .map(toRun),
    }),
    listAssetEvents: async ({ query }) => ({
      events: state().assetEvents.filter(({ assetName }) => assetName === query?.assetName),
    }),
  };
}

function stateHandlers(
  state: LedgerState,
): Pick<Handlers<typeof LedgerService>, 'getState' | 'setState'> {
  const nameOf = (owner: Pick<GetStateRequest, 'scope' | 'assetName' | 'key'>) =>
    `${owner.scope}/${owner.assetName}/${owner.key}`;
  return {
    getState: async (request) => {
      requireLive(state, request.attemptId);
      const valueJson = state().states.get(nameOf(request));
      if (valueJson === undefined) throw fail('state_not_found', 'nothing is kept there');
      return { valueJson };
    },
    setState: async (request) => {
      requireLive(state, request.attemptId);
      state().changes.push({ rpc: 'setState', what: request.key });
      if (request.valueJson === '') state().states.delete(nameOf(request));
      else state().states.set(nameOf(request), request.valueJson);
      return {};
    },
  };
}
