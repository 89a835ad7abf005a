// Builds the api: clients of the mesh, sign-in, and the public door on one port.
import { DagProcessorService } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { type EdgeServer, startEdgeServer } from '#kernel/rpc/edge.ts';
import { watchTopology } from '#kernel/rpc/topology.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import type { ApiConfig } from './config.ts';
import { createEvents } from './events.ts';
import { publicServices } from './rpc/services.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { createTokenCheck } from './sign-in/token-check.ts';
import { createWaits } from './waits.ts';

/** The api, with the port of its door. */
export type ApiService = Service & {
  /** The port that it listens on; 0 before it has started. */
  readonly port: () => number;
};

/** Assembles the api. It serves the public door itself and nothing to the mesh. */
export function assembleApi(config: ApiConfig, wiring: Wiring): ApiService {
  const { dial, clock, log, metrics } = wiring;
  const events = createEvents(log, metrics);
  const address = config.metadataAddress;
  const secrets = dial(SecretService, address);
  const tokens = createTokenCheck({ secrets, clock });
  let watch = new AbortController();
  let door: EdgeServer | undefined;
  return {
    name: 'api',
    services: [],
    port: () => door?.port ?? 0,
    start: async () => {
      watch = new AbortController();
      const partitions = dial(PartitionService, address);
      const topology = watchTopology({ partitions, dial, clock, log, signal: watch.signal });
      const mesh = {
        query: dial(QueryService, address),
        catalog: dial(CatalogService, address),
        ledger: dial(LedgerService, address),
        dagProcessor: dial(DagProcessorService, config.dagProcessorAddress),
        secrets,
        topology,
        tokens,
        waits: createWaits(),
        clock,
        events,
      };
      door = await startEdgeServer({
        host: config.host,
        port: config.port,
        services: publicServices(mesh),
        authenticate: createSignIn({ tokens, events }),
        log,
      });
      events.doorOpened(`${config.host}:${door.port}`);
    },
    stop: async () => {
      await door?.stop();
      door = undefined;
      watch.abort();
    },
  };
}
