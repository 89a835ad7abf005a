// For tests: a dag-processor over a folder of its own, beside a catalog in memory.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { DagProcessorService } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { connectBus } from '#kernel/bus/bus.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { readConfig } from '#kernel/config/config.ts';
import { timingConfig } from '#kernel/config/timing.ts';
import { fail } from '#kernel/errors/errors.ts';
import { createLog } from '#kernel/log/log.ts';
import { type Client, createDial } from '#kernel/rpc/client.ts';
import { createLocalMesh } from '#kernel/rpc/local.ts';
import { type Handlers, rpcService } from '#kernel/rpc/service.ts';
import { createMetrics, type Metrics } from '#kernel/telemetry/metrics.ts';
import { eventually, eventuallyGives } from '../../tests/kit/wait.ts';
import { assembleDagProcessor } from './assemble.ts';
import { type DagProcessorConfig, dagProcessorConfig } from './config.ts';

/** A file as the catalog has it. */
export type StoredFile = {
  readonly digest: string;
  readonly error: string;
  /** The last good ones. */
  readonly dags: readonly DagSpec[];
  /** How often it was stored. */
  readonly putsCount: number;
  readonly bundleName: string;
  readonly bundleVersion: string;
  readonly filesDigest: string;
};

/** The catalog in memory. */
export type TestCatalog = {
  readonly files: Map<string, StoredFile>;
  /** While true, every call fails as if metadata was away. */
  isAway: boolean;
  /** What `ListBundleVersions` answers besides the versions of the files. */
  versionsOfRuns: { bundleName: string; bundleVersion: string }[];
  readonly handlers: Handlers<typeof CatalogService>;
};

/** A catalog that keeps files as the contract says. */
export function createTestCatalog(): TestCatalog {
  const files = new Map<string, StoredFile>();
  const claims = new Map<string, { bundleVersion: string; bundleSequence: bigint }>();
  const inForceOf = (name: string) => claims.get(name) ?? { bundleVersion: '', bundleSequence: 0n };
  const isOutdated = (said: { bundleName: string; bundleSequence: bigint }) =>
    said.bundleSequence > 0n && said.bundleSequence < inForceOf(said.bundleName).bundleSequence;
  const answering = () => {
    if (catalog.isAway) throw fail('unreachable', 'metadata is away');
  };
  const notHere = async () => {
    throw fail('method_not_found', 'not part of this catalog');
  };
  const handlers: Handlers<typeof CatalogService> = {
    async putDagFile(request) {
      answering();
      if (isOutdated(request)) return { isOutdated: true };
      const { path, digest, dags, error, bundleName, bundleVersion, filesDigest } = request;
      const last = files.get(path);
      const putsCount = (last?.putsCount ?? 0) + 1;
      const put = { digest, putsCount, bundleName, bundleVersion, filesDigest };
      const taken = dags.find(({ dagId }) => ownerOf(files, dagId, path) !== undefined);
      if (taken !== undefined) {
        const text = `${taken.dagId} belongs to ${ownerOf(files, taken.dagId, path)}`;
        files.set(path, { ...put, error: text, dags: last?.dags ?? [] });
        throw fail('dag_id_taken', text);
      }
      files.set(path, { ...put, error, dags: error === '' ? dags : (last?.dags ?? []) });
      return {};
    },
    async removeDagFiles(request) {
      answering();
      if (isOutdated(request)) return { isOutdated: true };
      for (const path of request.paths) files.delete(path);
      return {};
    },
    async claimBundleVersion({ bundleName, bundleVersion, bundleSequence }) {
      answering();
      const inForce = inForceOf(bundleName);
      const isNews = bundleVersion !== '' && bundleVersion !== inForce.bundleVersion;
      if (isNews && bundleSequence === inForce.bundleSequence) {
        claims.set(bundleName, { bundleVersion, bundleSequence: bundleSequence + 1n });
      }
      return inForceOf(bundleName);
    },
    async listDagFiles() {
      answering();
      const records = [...files].map(([path, { digest, error }]) => ({
        path,
        digest,
        hasError: error !== '',
      }));
      return { files: records };
    },
    async listBundleVersions() {
      answering();
      return { bundleVersions: [...files.values(), ...catalog.versionsOfRuns] };
    },
    async *watchCatalog() {
      yield {};
    },
    putConnection: notHere,
    deleteConnection: notHere,
    putVariable: notHere,
    deleteVariable: notHere,
    putPool: notHere,
    deletePool: notHere,
  };
  const catalog: TestCatalog = { files, isAway: false, versionsOfRuns: [], handlers };
  return catalog;
}

/** A dag-processor under test. */
export type TestMesh = {
  readonly folder: string;
  readonly catalog: TestCatalog;
  readonly client: Client<typeof DagProcessorService>;
  readonly metrics: Metrics;
  /** Writes a file of the folder. */
  write(path: string, text: string): Promise<void>;
  /** Starts the service, with other settings where they are named. */
  start(changes?: Partial<DagProcessorConfig>): Promise<void>;
  /** Stops the service; the folder and the catalog stay, and `start` starts another one. */
  stop(): Promise<void>;
  /** The file as the catalog has it, once it was stored with DAGs or with an error. */
  stored(path: string): Promise<StoredFile>;
  /** The file, or undefined when it is not stored, once that holds; `what` is for people. */
  storedWhen(
    path: string,
    what: string,
    holds: (file: StoredFile | undefined) => boolean,
  ): Promise<StoredFile | undefined>;
  /** The file's import error, once it has one. */
  errorOf(path: string): Promise<string>;
  /** Stops the service and deletes the folder. */
  end(): Promise<void>;
};

const CLUSTER_KEY = 'a-key-for-tests-only';
const WAIT_MS = 60_000;

/** A mesh whose folder is empty and whose dag-processor is not started. */
export async function createTestMesh(options: Partial<DagProcessorConfig> = {}): Promise<TestMesh> {
  const folder = await mkdtemp(join(tmpdir(), 'dagmesh-dags-'));
  // Children that give up their user must be able to read it.
  await chmod(folder, 0o755);
  const catalog = createTestCatalog();
  const { local, wiring, client } = await createWiring(catalog);
  const config: DagProcessorConfig = {
    ...readConfig(dagProcessorConfig, {}),
    dagsFolder: folder,
    metadataAddress: 'local:metadata',
    rescanMs: 300,
    catalogCheckMs: 1_000,
    bundleCheckMs: 100,
    ...options,
  };
  let service: ReturnType<typeof assembleDagProcessor> | undefined;
  let metrics = createMetrics('dag-processor');

  const stop = async () => {
    await service?.stop();
    service = undefined;
    local.unmount('dag-processor');
  };
  return {
    folder,
    catalog,
    client,
    get metrics() {
      return metrics;
    },
    async write(path, text) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    async start(changes = {}) {
      metrics = createMetrics('dag-processor');
      service = assembleDagProcessor({ ...config, ...changes }, { ...wiring, metrics });
      local.mount('dag-processor', service.services);
      await service.start();
    },
    stop,
    stored: (path) =>
      eventuallyGives(() => catalog.files.get(path), {
        deadlineMs: WAIT_MS,
        what: `${path} is stored`,
      }),
    async storedWhen(path, what, holds) {
      await eventually(() => holds(catalog.files.get(path)), { deadlineMs: WAIT_MS, what });
      return catalog.files.get(path);
    },
    errorOf: (path) =>
      eventuallyGives(() => catalog.files.get(path)?.error || undefined, {
        deadlineMs: WAIT_MS,
        what: `${path} has an import error`,
      }),
    async end() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createWiring(catalog: TestCatalog) {
  const local = createLocalMesh();
  const callers = ['dag-processor'];
  local.mount('metadata', [rpcService(CatalogService, catalog.handlers, { callers })]);
  const dialAs = (caller: string) => createDial({ caller, clusterKey: CLUSTER_KEY, local });
  const log = createLog('dag-processor', 'silent');
  const wiring = {
    ...{ clock: systemClock, log, clusterKey: CLUSTER_KEY },
    dial: dialAs('dag-processor'),
    bus: await connectBus({ log, clock: systemClock }),
    timing: readConfig(timingConfig, {}),
  };
  const client = dialAs('api')(DagProcessorService, 'local:dag-processor');
  return { local, wiring, client };
}

/** A DAG file of one task, of which only the ids matter. */
export function aYamlFile(dagId: string, taskId = 'only'): string {
  return `dag_id: ${dagId}\ntasks:\n  ${taskId}: { handler: h }\n`;
}

/** A DAG of which only the id matters. */
export function aDag(fields: { readonly dagId: string }): DagSpec {
  return create(DagSpecSchema, fields);
}

function ownerOf(
  files: ReadonlyMap<string, StoredFile>,
  dagId: string,
  notIn: string,
): string | undefined {
  for (const [path, { dags }] of files) {
    if (path !== notIn && dags.some((dag) => dag.dagId === dagId)) return path;
  }
  return undefined;
}
