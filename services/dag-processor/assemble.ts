// Builds the dag-processor from its parts: bundles, queue, keeper, sandbox, catalog, RPCs.
import { DagProcessorService } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { composeParts, type Part } from '#kernel/lifecycle/lifecycle.ts';
import { rpcService } from '#kernel/rpc/service.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import { watchBundles } from './bundles/watch-bundles.ts';
import { createCatalogStore } from './catalog/catalog-store.ts';
import type { DagProcessorConfig } from './config.ts';
import type { ParseLimits } from './core/reading/explain-outcome.ts';
import { type FileRecord, recordFromCatalog } from './core/file/file-record.ts';
import { createEvents } from './events.ts';
import { FILES_MAX } from './folder/scan-folder.ts';
import { createCatalogChecker } from './loops/catalog-checker.ts';
import { createFileKeeper } from './loops/file-keeper.ts';
import { createPathQueue, type PathQueue } from './loops/path-queue.ts';
import { listFiles } from './rpc/list-files.ts';
import { parseFiles } from './rpc/parse-files.ts';
import { createSandbox } from './sandbox/sandbox.ts';

const MIB = 1024 * 1024;

/** Who may ask for files to be read. */
const CALLERS = ['api', 'standalone'];

/** The service; `start` does not wait for metadata, which may come later. */
export function assembleDagProcessor(config: DagProcessorConfig, wiring: Wiring): Service {
  const { clock } = wiring;
  const stopping = new AbortController();
  const events = createEvents(wiring.log, wiring.metrics);
  const shared = { clock, events, signal: stopping.signal };

  const client = wiring.dial(CatalogService, config.metadataAddress);
  const catalog = createCatalogStore({ ...shared, client });
  const limits = parseLimits(config);
  const dagLimits = { mappedInstancesMax: config.mappedInstancesMax };
  const sandbox = createSandbox({ ...shared, python: config.python, limits, dagLimits });

  // The queue works with the keeper, which looks things up in the bundles, which fill the queue.
  const records = new Map<string, FileRecord>();
  const keeper = createFileKeeper({
    ...{ ...shared, records, catalog, read: sandbox.read },
    see: (path) => bundles.see(path),
    readAgain: (path) => void queue.add(path, { isForced: true }),
  });
  const queue: PathQueue = createPathQueue({
    work: keeper,
    slotsMax: config.childrenMax,
    // All files may be new, and all those before them gone.
    pathsMax: 2 * FILES_MAX * (config.bundles.length + 1),
  });
  const bundles = watchBundles({
    ...{ ...shared, config, records, queue, catalog },
    prepare: async () => {
      for (const file of await catalog.list()) records.set(file.path, recordFromCatalog(file));
    },
  });

  const checker = createCatalogChecker({
    ...{ ...shared, records, queue, catalog },
    everyMs: config.catalogCheckMs,
  });
  const probe = () => sandbox.probe(config.dagsFolder);
  const children: Part = { name: 'children', start: probe, stop: queue.stop };
  const parts = composeParts('dag-processor', [children, ...bundles.parts, checker]);
  const rpcs = {
    listFiles: listFiles(records),
    parseFiles: parseFiles({ records, queue, look: bundles.look, paths: bundles.paths }),
  };
  return {
    ...parts,
    async stop() {
      // Children and calls under way end first, because the parts wait for them.
      stopping.abort();
      await parts.stop();
    },
    services: [rpcService(DagProcessorService, rpcs, { callers: CALLERS })],
  };
}

function parseLimits(config: DagProcessorConfig): ParseLimits {
  return {
    timeMaxMs: config.readTimeMaxMs,
    memoryMaxBytes: config.readMemoryMaxMib * MIB,
    outputMaxBytes: 16 * MIB,
    // A DAG of 16 MiB in base64, and some room.
    answerMaxBytes: 24 * MIB,
    processesMax: 32,
  };
}
