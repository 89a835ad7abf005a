// The services behind the public door, faked: they answer from memory and note what was asked.
import { DagProcessorService } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import { ExecutorService } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { ErrorName } from '#kernel/errors/errors.ts';
import { PARTITIONS_COUNT } from '#kernel/partition/partition.ts';
import type { Handlers, RpcService } from '#kernel/rpc/service.ts';
import { operations } from './fake-operations.ts';
import { page, refuse, served, type Tap } from './fake-tap.ts';
import { type World, worldStart } from './fake-world.ts';
import { eventually } from './wait.ts';

/** The metadata service; the map names one scheduler for all partitions, and two executors. */
export function fakeMetadata(world: World, tap: Tap, addressOf: (name: string) => string) {
  return [
    served(tap, QueryService, queries(world)),
    served(tap, LedgerService, { putAssetEvents: async () => ({}) }),
    served(tap, CatalogService, catalog(world)),
    served(tap, SecretService, secrets(world)),
    served(tap, PartitionService, {
      watchPartitions: async function* (_request, { signal }) {
        const all = [...Array(PARTITIONS_COUNT).keys()];
        yield {
          schedulers: [
            {
              schedulerId: 'scheduler-1',
              address: addressOf('scheduler'),
              partitions: all.map((partition) => ({ partition, epoch: 1n })),
            },
          ],
          executors: [...world.workers.keys()].map((executorId) => ({
            executorId,
            address: addressOf(executorId),
          })),
        };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    }),
  ];
}

function queries(world: World): Partial<Handlers<typeof QueryService>> {
  const runOf = (runId: string) =>
    world.runs.get(runId) ?? refuse('run_not_found', `there is no run ${runId}`);
  return {
    listDags: async ({ query }) => {
      const wanted = [...world.dags].filter(([dagId]) =>
        dagId.includes(query?.dagIdContains ?? ''),
      );
      const { rows, nextPageToken } = page(wanted, query);
      return { page: { dags: rows.flatMap(([, { dag }]) => dag ?? []), nextPageToken } };
    },
    getDag: async ({ dagId }) => ({
      dag: world.dags.get(dagId) ?? refuse('dag_not_found', `there is no DAG "${dagId}"`),
    }),
    listDagRuns: async ({ query }) => {
      const wanted = [...world.runs.values()].filter(
        (run) =>
          (query?.dagId === '' || run.dagId === query?.dagId) &&
          (!query?.states.length || query.states.includes(run.state ?? 0)),
      );
      const { rows, nextPageToken } = page(wanted.reverse(), query);
      return { page: { runs: rows, nextPageToken } };
    },
    getDagRun: async ({ runId }) => ({
      run: { run: runOf(runId), taskCounts: { success: 2, none: 1 } },
    }),
    listTaskInstances: async ({ query }) => {
      runOf(query?.runId ?? '');
      const { rows, nextPageToken } = page(world.tasks, query);
      return { page: { taskInstances: rows, nextPageToken } };
    },
    getTaskInstance: async ({ taskId }) => {
      const taskInstance = world.tasks.find((task) => task.taskId === taskId);
      if (taskInstance === undefined) refuse('task_not_found', `there is no task ${taskId}`);
      return { taskInstance: { taskInstance, attempts: world.attempts.get(taskId) ?? [] } };
    },
    listImportErrors: async () => ({
      page: {
        importErrors: [{ dagFile: 'bad.ts', message: 'line 3:\n  what?', occurredAt: worldStart }],
      },
    }),
    listConnections: async ({ query }) => {
      const { rows, nextPageToken } = page(world.connections.values(), query);
      const shown = rows.map((row) => ({ ...row, password: '', extraJson: '' }));
      return { page: { connections: shown, nextPageToken } };
    },
    listVariables: async ({ query }) => {
      const { rows, nextPageToken } = page(world.variables.values(), query);
      const shown = rows.map((row) => (row.isSecret ? { ...row, value: '***' } : row));
      return { page: { variables: shown, nextPageToken } };
    },
    listPools: async ({ query }) => {
      const { rows, nextPageToken } = page(world.pools.values(), query);
      return { page: { pools: rows, nextPageToken } };
    },
    ...operations(world),
  };
}

function catalog(world: World): Partial<Handlers<typeof CatalogService>> {
  const put = <T>(rows: Map<string, T>, key: string, row: T, isNew: boolean, taken: ErrorName) => {
    if (isNew && rows.has(key)) refuse(taken, `${key} is there already; choose another name`);
    rows.set(key, row);
    return {};
  };
  const remove = (rows: Map<string, unknown>, key: string, missing: ErrorName) => {
    if (!rows.delete(key)) refuse(missing, `there is no ${key}`);
    return {};
  };
  return {
    putConnection: async ({ connection, createOnly }) => {
      const row = { ...connection, $typeName: undefined };
      return put(world.connections, row.connId ?? '', row, createOnly, 'connection_exists');
    },
    deleteConnection: async ({ connId }) =>
      remove(world.connections, connId, 'connection_not_found'),
    putVariable: async ({ variable, createOnly }) => {
      const row = { ...variable, $typeName: undefined };
      return put(world.variables, row.key ?? '', row, createOnly, 'variable_exists');
    },
    deleteVariable: async ({ key }) => remove(world.variables, key, 'variable_not_found'),
    putPool: async ({ pool, createOnly }) => {
      const row = { ...pool, $typeName: undefined };
      return put(world.pools, row.name ?? '', row, createOnly, 'pool_exists');
    },
    deletePool: async ({ name }) => {
      if (name === 'default_pool') refuse('pool_protected', 'default_pool cannot be deleted');
      return remove(world.pools, name, 'pool_not_found');
    },
  };
}

function secrets(world: World): Partial<Handlers<typeof SecretService>> {
  return {
    verifyApiToken: async ({ token }) =>
      world.tokens.get(token) ?? refuse('bad_token', 'nobody has this token'),
    createApiToken: async (user) => {
      const token = `token-${world.tokens.size}`;
      world.tokens.set(token, { ...user });
      return { token };
    },
    revokeApiToken: async ({ token }) => {
      world.tokens.delete(token);
      return {};
    },
  };
}

/** One executor with its workers; every log can be read through it. */
export function fakeExecutor(world: World, tap: Tap, executorId: string): RpcService[] {
  return [
    served(tap, ExecutorService, {
      listWorkers: async () => ({ workers: world.workers.get(executorId) ?? [] }),
      drainWorker: async ({ workerId }) => {
        const mine = world.workers.get(executorId) ?? [];
        if (mine.some((worker) => worker.workerId === workerId)) return {};
        return refuse('worker_not_found', `no worker ${workerId} here`);
      },
      readLog: async function* ({ taskId, epoch, offset, follow }, { signal }) {
        const log = world.logs.get(`${taskId}/${epoch}`);
        let position = Number(offset);
        try {
          while (log !== undefined && !signal.aborted) {
            const content = Buffer.from(log.text).subarray(position);
            if (content.length > 0) yield { offset: BigInt(position), content };
            position += content.length;
            if (!follow || log.isComplete) return;
            await eventually(
              () => signal.aborted || log.isComplete || Buffer.byteLength(log.text) > position,
              { deadlineMs: 60_000, what: 'the log grows', pollMs: 5 },
            );
          }
        } finally {
          tap.asked.push({ rpc: 'ReadLog ended', request: undefined });
        }
      },
    }),
  ];
}

/** The dag-processor; it can read every file but `bad.ts`, and knows no other than these two. */
export function fakeDagProcessor(tap: Tap): RpcService[] {
  return [
    served(tap, DagProcessorService, {
      parseFiles: async ({ paths }) => ({
        files: paths.map((path) => {
          if (path === 'bad.ts') return { path, error: 'line 3: what?' };
          if (path === 'etl.ts') return { path, dagIds: ['etl'] };
          return refuse('file_not_found', `there is no DAG file ${path}; see the DAG folder`);
        }),
      }),
    }),
  ];
}
