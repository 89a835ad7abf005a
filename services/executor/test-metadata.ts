// For tests: a metadata service in memory, as far as an executor uses it.
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type {
  LedgerService,
  ReadXComsRequest,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import { type TestScheduler, testRun } from './test-scheduler.ts';

/** A change that somebody made through the executor. */
export type Change = { readonly rpc: string; readonly what: string; readonly actor?: string };

/** A metadata service in memory. */
export type TestMetadata = {
  readonly partitions: Handlers<typeof PartitionService>;
  readonly ledger: Handlers<typeof LedgerService>;
  readonly secrets: Handlers<typeof SecretService>;
  readonly catalog: Handlers<typeof CatalogService>;
  /** XComs of succeeded tasks, by `task_id/key`. */
  readonly xcoms: Map<string, string>;
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
  const metadata: TestMetadata = {
    xcoms: new Map(),
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

function ledgerHandlers(
  state: () => TestMetadata & { readonly schedulers: readonly TestScheduler[] },
): Handlers<typeof LedgerService> {
  const leases = () => state().schedulers.flatMap(({ live }) => [...live.values()]);
  const requireLive = (attemptId: string) => {
    const found = leases().find((lease) => lease.attemptId === attemptId);
    if (found === undefined) throw fail('stale_attempt', 'it is not live');
    return found;
  };
  return {
    commit: notHere,
    loadPartitions: notStreamedHere,
    loadDag: notHere,
    loadRun: async () => ({
      taskInstances: leases().map(({ taskId, attemptId, epoch }) => ({
        id: attemptId,
        taskId,
        epoch,
        mapIndex: -1,
        state: TaskInstanceState.RUNNING,
      })),
      attempts: leases().map(({ attemptId, epoch }) => ({
        taskInstanceId: attemptId,
        attemptId,
        epoch,
        state: TaskAttemptState.RUNNING,
      })),
    }),
    readXComs: async (request) => {
      state().xcomReads.push(request);
      const { xcoms, ownXComs } = state();
      const own = [...ownXComs].filter(([key]) => key.startsWith(`${request.ownAttemptId}/`));
      return {
        xcoms: request.addresses.flatMap((address) => {
          const found = address.key === '' ? [...own] : [];
          for (const [key, value] of xcoms) {
            const [taskId, name] = key.split('/');
            const isIt = taskId === address.taskId && (address.key === '' || address.key === name);
            if (isIt && address.dagRunId === testRun.dagRunId) found.push([key, value]);
          }
          if (address.key !== '') {
            const value = ownXComs.get(`${request.ownAttemptId}/${address.key}`);
            if (value !== undefined) found.push([`/${address.key}`, value]);
          }
          return found.map(([key, valueJson]) => ({
            address: {
              ...address,
              key: key.slice(key.indexOf('/') + 1),
            },
            valueJson,
          }));
        }),
      };
    },
    pushXCom: async ({ attemptId, xcoms }) => {
      requireLive(attemptId);
      for (const { key, valueJson } of xcoms) {
        state().ownXComs.set(`${attemptId}/${key}`, valueJson);
        state().changes.push({
          rpc: 'pushXCom',
          what: key,
        });
      }
      return {};
    },
    deleteXCom: async ({ attemptId, key }) => {
      requireLive(attemptId);
      state().ownXComs.delete(`${attemptId}/${key}`);
      state().changes.push({
        rpc: 'deleteXCom',
        what: key,
      });
      return {};
    },
    getAttempt: async ({ attemptId }) => {
      const found = leases().find((lease) => lease.attemptId === attemptId);
      if (found === undefined) throw fail('attempt_not_found', 'there is none');
      const { epoch, taskId } = found;
      return {
        attempt: {
          attemptId,
          epoch,
          state: TaskAttemptState.RUNNING,
        },
        taskInstance: {
          ...testRun,
          taskId,
          mapIndex: -1,
        },
        task: {
          taskId,
          connections: [...state().declared],
        },
      };
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
