// A real nats-server for tests, which can be killed, wiped and started again on the same port.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '../../deploy/launch/find-nats.mjs';
import { startNatsServer } from '../../services/standalone/embedded/nats-server.ts';
import { atExit, signalServer } from './at-exit.ts';
import { killAtOnce } from './program.ts';

export type TestNats = {
  readonly url: string;
  readonly pid: number;
  /** kill −9, and stays away until `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same port; `wipe` forgets every stream first. */
  restart(options?: { readonly wipe: boolean }): Promise<void>;
  stop(): Promise<void>;
};

/** Starts nats-server in a temporary folder. Fails with the way to get it when there is none. */
export async function startNats(): Promise<TestNats> {
  const binary = findNatsServer();
  if (binary === undefined) {
    throw new Error('no nats-server: `npm test` fetches one, or put it on PATH');
  }
  const dataFolder = mkdtempSync(join(tmpdir(), 'dagmesh-test-nats-'));
  const marks = { pidFile: join(dataFolder, 'nats.pid'), mark: join(dataFolder, 'nats.conf') };
  const callOff = atExit(() => signalServer(marks, 'SIGKILL'));
  let server = await startNatsServer({ binary, dataFolder, token: 'test' });
  const kill = () => killAtOnce(server.pid);
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    kill,
    restart: async (options) => {
      await kill();
      if (options?.wipe) rmSync(join(dataFolder, 'streams'), { recursive: true, force: true });
      server = await startNatsServer({ binary, dataFolder, token: 'test', port: server.port });
    },
    stop: async () => {
      await server.stop();
      callOff();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
