// A real api before a fake mesh: the public door over the network, everything behind it in memory.
import { createLocalMesh } from '#kernel/rpc/local.ts';
import { createDial } from '#kernel/rpc/client.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { readConfig } from '#kernel/config/config.ts';
import { timingConfig } from '#kernel/config/timing.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { connectBus } from '#kernel/bus/bus.ts';
import { assembleApi } from '../../services/api/assemble.ts';
import { apiConfig } from '../../services/api/config.ts';
import { fakeScheduler } from './fake-scheduler.ts';
import { fakeDagProcessor, fakeExecutor, fakeMetadata } from './fake-services.ts';
import type { Tap } from './fake-tap.ts';
import { createWorld, type World } from './fake-world.ts';

export type FakeMesh = Tap & {
  /** Where the api listens. */
  readonly url: string;
  readonly world: World;
  /** Takes a service of the mesh away, as if its process had ended. */
  unmount(name: string): void;
  stop(): Promise<void>;
};

const clusterKey = 'cluster-key-of-a-fake-mesh';

/** Starts the api on a free port and waits until it knows the owners. */
export async function startFakeMesh(): Promise<FakeMesh> {
  const world = createWorld();
  const tap: Tap = { asked: [], faults: new Map() };
  const log = createLog('fake-mesh', 'silent');
  const local = createLocalMesh({ log });
  const addressOf = (name: string) => `local:${name}`;
  local.mount('metadata', fakeMetadata(world, tap, addressOf));
  local.mount('scheduler', fakeScheduler(world, tap));
  local.mount('dag-processor', fakeDagProcessor(tap));
  for (const executorId of world.workers.keys()) {
    local.mount(executorId, fakeExecutor(world, tap, executorId));
  }
  const dial = createDial({ caller: 'api', clusterKey, local });
  const config = readConfig(apiConfig, {
    DAGMESH_API_PORT: '0',
    DAGMESH_METADATA_ADDRESS: addressOf('metadata'),
    DAGMESH_DAG_PROCESSOR_ADDRESS: addressOf('dag-processor'),
  });
  const api = assembleApi(config, {
    dial,
    log,
    clusterKey,
    clock: systemClock,
    metrics: createMetrics('api'),
    bus: await connectBus({ url: undefined, log, clock: systemClock }),
    timing: readConfig(timingConfig, {}),
  });
  await api.start();
  return {
    ...tap,
    world,
    url: `http://127.0.0.1:${api.port()}`,
    unmount: (name) => local.unmount(name),
    stop: async () => {
      await api.stop();
      await dial.close();
    },
  };
}
