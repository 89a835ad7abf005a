// Builds the executor: its doors, and the order in which its parts begin and end.
import { composeParts, type Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import { advertisedAddress } from '#kernel/service/service-config.ts';
import { createFarewell } from './attempts/farewell.ts';
import type { ExecutorConfig } from './config.ts';
import { watchLogEnd } from './logs/log-end.ts';
import { runAnnouncer, withdraw } from './loops/announcer.ts';
import { createDuties } from './loops/duties.ts';
import { runRenewer } from './loops/renewer.ts';
import { runSafetyPoller } from './loops/safety-poller.ts';
import { runSweeper } from './loops/sweeper.ts';
import { createParts, type ExecutorParts } from './parts.ts';
import { executorService } from './rpc/executor/service.ts';
import { createEdge } from './rpc/worker/edge.ts';
import { workerService } from './rpc/worker/service.ts';

/** The executor, with the port of its HTTP door. */
export type ExecutorAssembly = Service & {
  /** The port for workers that cannot stream; 0 before it has started. */
  readonly httpPort: () => number;
};

/** The service; `start` waits for no other service, all of them may come later. */
export function assembleExecutor(config: ExecutorConfig, wiring: Wiring): ExecutorAssembly {
  const { timing, clusterKey, log } = wiring;
  const parts = createParts(config, wiring);
  const { store, stopping } = parts;

  const workers = workerService({ ...parts, desk: parts });
  const others = executorService({
    ...parts,
    watchLogEnd: (name) => watchLogEnd(name, parts),
    killGraceMs: timing.killGraceMs,
  });
  const { host, httpPort: port } = config;
  const edge = createEdge({ host, port, service: workers, clusterKey, log });

  const duty = { ...parts, ...timing, signal: stopping.signal };
  const address = advertisedAddress(config);
  const announcement = { ...duty, address, ttlMs: timing.leaseTtlMs };
  const duties = createDuties(stopping, [
    () => runAnnouncer(announcement),
    () => runSweeper(duty),
    () => runRenewer(duty),
    () => runSafetyPoller(duty),
  ]);
  const logs: Part = { name: 'logs', start: () => store.open(), stop: () => store.close() };
  const farewell = createFarewell({ ...parts, withdraw: () => withdraw(announcement) });
  const inOrder = [logs, parts.meshMap, duties, edge, farewell, createIntakePart(parts)];
  return {
    ...composeParts('executor', inOrder),
    services: [workers, others],
    httpPort: edge.port,
  };
}

/**
 * Work is looked for from the start on, whenever the mesh changes, and no more once the executor
 * begins to stop.
 */
function createIntakePart(parts: ExecutorParts): Part {
  const { topology, bus, tickets, direct, onCredit } = parts;
  return {
    name: 'intake',
    start: async () => {
      topology.onChange(onCredit);
      bus.onConnection(onCredit);
      onCredit();
    },
    stop: async () => {
      tickets.stop();
      direct.stop();
    },
  };
}
