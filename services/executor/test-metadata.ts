// For tests: a metadata service in memory, as far as an executor uses it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AssetEventSchema, AssetPortSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type {
  GetStateRequest,
  LedgerService,
  ReadXComsRequest,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import { type LiveLease, type TestScheduler, testRun } from './test-scheduler.ts';
import { readXComs, type TestRun, type TestXCom, xcomsOf } from './test-xcoms.ts';

type AssetEventInit = MessageInitShape<typeof AssetEventSchema>;

/** A change that somebody made through the executor. */
export type Change = { readonly rpc: string; readonly what: string; readonly actor?: string };

/** A metadata service in memory. */
export type TestMetadata = {
  readonly partitions: Handlers<typeof PartitionService>;
  readonly ledger: Handlers<typeof LedgerService>;
  readonly secrets: Handlers<typeof SecretService>;
  readonly catalog: Handlers<typeof CatalogService>;
  /** Every run, that of these tests first. */
  readonly runs: TestRun[];
  /** XComs of succeeded tasks of the run of these tests. */
  readonly xcoms: Map<string, string>;
  /** Most characters of values in one answer. */
  xcomAnswerMax: number;
  /** Kept states, by scope, asset and key. */
  readonly states: Map<string, string>;
  /** Updates of assets, oldest first. */
  readonly assetEvents: AssetEventInit[];
  /** Inlets of the task of attempts, for GetAttempt. */
  inlets: MessageInitShape<typeof AssetPortSchema>[];
  /** While set, calls about XComs fail with this reason. */
  failure: 'unreachable' | 'internal' | undefined;
  /** XComs that running attempts have pushed, by `attempt_id/key`. */
  readonly ownXComs: Map<string, string>;
  readonly variables: Map<string, string>;
  /** Passwords by connection. */
  readonly connections: Map<string, string>;
  readonly changes: Change[];
  readonly xcomReads: ReadXComsRequest[];
  readonly connectionReads: (readonly string[])[];
  /** Executors that are announced. */
  readonly executors: Set<string>;
  /** Connections the task of attempts declares, for GetAttempt. */
  declared: readonly string[];
  /** Sends the map again, after schedulers have changed or gone. */
  publishMap(schedulers: readonly TestScheduler[]): void;
};

/** Metadata of a mesh with these schedulers. */
export function createTestMetadata(initial: readonly TestScheduler[]): TestMetadata {
  let schedulers = initial;
  let changed = new AbortController();
  const xcoms = new Map<string, string>();
  const metadata: TestMetadata = {
    runs: [{ ...testRun, xcoms }],
    xcoms,
    xcomAnswerMax: 3 * 1024 * 1024,
    states: new Map(),
    assetEvents: [],
    inlets: [],
    failure: undefined,
    ownXComs: new Map(),
    variables: new Map(),
    connections: new Map(),
    changes: [],
    xcomReads: [],
    connectionReads: [],
    executors: new Set(),
    declared: [],
    publishMap: (next) => {
      schedulers = next;
      changed.abort();
      changed = new AbortController();
    },
    partitions: partitionHandlers({
      schedulers: () => schedulers,
      changed: () => changed.signal,
      executors: () => metadata.executors,
    }),
    ledger: ledgerHandlers(() => ({
      ...metadata,
      schedulers,
    })),
    secrets: secretHandlers(() => metadata),
    catalog: catalogHandlers(() => metadata),
  };
  return metadata;
}

const notHere = async () => {
  throw fail('method_not_found', 'not part of this metadata');
};

async function* notStreamedHere() {
  yield await notHere();
}

function partitionHandlers(mesh: {
  readonly schedulers: () => readonly TestScheduler[];
  readonly changed: () => AbortSignal;
  readonly executors: () => Set<string>;
}): Handlers<typeof PartitionService> {
  return {
    renewScheduler: notHere,
    releaseScheduler: notHere,
    renewExecutor: async ({ executorId }) => {
      mesh.executors().add(executorId);
      return {};
    },
    releaseExecutor: async ({ executorId }) => {
      mesh.executors().delete(executorId);
      return {};
    },
    watchPartitions: async function* (_, { signal }) {
      while (!signal.aborted) {
        const changed = mesh.changed();
        yield {
          schedulers: mesh.schedulers().map(({ id, partitions }) => ({
            schedulerId: id,
            address: `local:${id}`,
            partitions: partitions.map((partition) => ({ partition, epoch: 1n })),
          })),
        };
        await systemClock.sleep(60_000, AbortSignal.any([signal, changed]));
      }
    },
  };
}

type LedgerState = () => TestMetadata & { readonly schedulers: readonly TestScheduler[] };

const leasesOf = (state: LedgerState) =>
  state().schedulers.flatMap(({ live }) => [...live.values()]);

function requireLive(state: LedgerState, attemptId: string): LiveLease {
  const found = leasesOf(state).find((lease) => lease.attemptId === attemptId);
  if (found === undefined) throw fail('stale_attempt', 'it is not live');
  return found;
}

function ledgerHandlers(state: LedgerState): Handlers<typeof LedgerService> {
  return {
    commit: notHere,
    loadPartitions: notStreamedHere,
    loadDag: notHere,
    loadPast: notHere,
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

function secretHandlers(state: () => TestMetadata): Handlers<typeof SecretService> {
  return {
    resolveConnections: async ({ connIds }) => {
      state().connectionReads.push(connIds);
      const { connections } = state();
      return {
        connections: connIds.flatMap((connId) => {
          const password = connections.get(connId);
          return password === undefined
            ? []
            : [
                {
                  connId,
                  connType: 'http',
                  password,
                },
              ];
        }),
      };
    },
    resolveVariable: async ({ key }) => {
      const value = state().variables.get(key);
      if (value === undefined) throw fail('variable_not_found', `there is no variable ${key}`);
      return { value };
    },
    verifyApiToken: notHere,
    createApiToken: notHere,
    revokeApiToken: notHere,
  };
}

function catalogHandlers(state: () => TestMetadata): Handlers<typeof CatalogService> {
  return {
    putDagFile: notHere,
    removeDagFiles: notHere,
    listDagFiles: notHere,
    listBundleVersions: notHere,
    watchCatalog: notStreamedHere,
    putConnection: notHere,
    deleteConnection: notHere,
    putPool: notHere,
    deletePool: notHere,
    putVariable: async ({ variable, actor }) => {
      const { key = '', value = '' } = variable ?? {};
      state().variables.set(key, value);
      state().changes.push({
        rpc: 'putVariable',
        what: key,
        actor,
      });
      return {};
    },
    deleteVariable: async ({ key, actor }) => {
      if (!state().variables.delete(key)) throw fail('variable_not_found', 'there is none');
      state().changes.push({
        rpc: 'deleteVariable',
        what: key,
        actor,
      });
      return {};
    },
  };
}
