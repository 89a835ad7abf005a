// A whole metadata service for tests, on a database of its own: called like the mesh calls it,
// without a network between.
import { randomBytes } from 'node:crypto';
import type { DescService } from '@bufbuild/protobuf';
import { connectBus } from '#kernel/bus/bus.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { createLog } from '#kernel/log/log.ts';
import { type Client, createDial } from '#kernel/rpc/client.ts';
import { createLocalMesh } from '#kernel/rpc/local.ts';
import type { Timing } from '#kernel/config/timing.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { assembleMetadata } from '../assemble.ts';

/** What calls a service. */
export type TestClients = {
  /** A client that calls as the given service. */
  as<S extends DescService>(caller: string, service: S): Client<S>;
};

/** A running service. */
export type TestMetadata = TestClients & { stop(): Promise<void> };

const clusterKey = 'cluster-key-of-the-metadata-tests';
const timing: Timing = {
  heartbeatMs: 500,
  leaseTtlMs: 1_500,
  sweepMs: 100,
  killGraceMs: 1_000,
  reringMs: 500,
  reconcileMs: 1_000,
  schedulerTtlMs: 1_500,
};

/** Starts one; several may run on one database. */
export async function startMetadata(
  databaseUrl: string,
  options: { readonly secretKeys?: readonly Buffer[] } = {},
): Promise<TestMetadata> {
  const log = createLog('metadata', 'silent');
  const local = createLocalMesh({ log });
  const dial = createDial({ caller: 'metadata', clusterKey, local });
  const bus = await connectBus({ log, clock: systemClock });
  const service = assembleMetadata(
    {
      host: '127.0.0.1',
      port: 0,
      metricsPort: 0,
      advertiseAddress: undefined,
      databaseUrl,
      secretKeys: options.secretKeys ?? [randomBytes(32)],
    },
    { dial, clock: systemClock, log, metrics: createMetrics('metadata'), bus, clusterKey, timing },
  );
  local.mount('metadata', service.services);
  await service.start();
  return {
    as: (caller, desc) => createDial({ caller, clusterKey, local })(desc, 'local:metadata'),
    stop: async () => {
      await service.stop();
      await bus.close();
    },
  };
}
