// An embedded nats-server: found by the launcher, run on a folder of ours with a token only we
// know.
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock/clock.ts';
import { spawnServer, stopLeftover, stopServer } from './child.ts';
import { freePort } from '#kernel/service/free-port.ts';

const START_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 5_000;
const CONNECT_POLL_MS = 20;

export type EmbeddedNats = {
  readonly port: number;
  readonly pid: number;
  /** URL with the token, for NATS clients. */
  readonly url: string;
  stop(): Promise<void>;
};

export type NatsOptions = {
  /** Path of the nats-server binary. */
  readonly binary: string;
  /** Folder for its configuration, pid file, log and streams; made when absent. */
  readonly dataFolder: string;
  readonly token: string;
  readonly port?: number;
};

/** Starts nats-server with JetStream. Ends one left over by a killed parent first. */
export async function startNatsServer(options: NatsOptions): Promise<EmbeddedNats> {
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const configFile = join(options.dataFolder, 'nats.conf');
  const pidFile = join(options.dataFolder, 'nats.pid');
  const stopping = { mark: configFile, signal: 'SIGTERM', graceMs: STOP_GRACE_MS } as const;
  await stopLeftover(pidFile, stopping);
  const port = await freePort(options.port);
  writeFileSync(configFile, configuration({ ...options, port, pidFile }), { mode: 0o600 });
  const logFile = join(options.dataFolder, 'server.log');
  const child = spawnServer({ command: options.binary, args: ['-c', configFile], logFile });
  if (!(await answers({ port, hasEnded: child.hasEnded }))) {
    throw new Error(`nats-server did not start; the reason is at the end of ${logFile}`);
  }
  return {
    port,
    pid: child.pid,
    url: `nats://${options.token}@127.0.0.1:${port}`,
    stop: () => stopServer(child.pid, stopping),
  };
}

function configuration(options: NatsOptions & { port: number; pidFile: string }): string {
  return [
    `listen: "127.0.0.1:${options.port}"`,
    `pid_file: ${JSON.stringify(options.pidFile)}`,
    `authorization { token: ${JSON.stringify(options.token)} }`,
    `jetstream { store_dir: ${JSON.stringify(join(options.dataFolder, 'streams'))} }`,
    '',
  ].join('\n');
}

async function answers(server: { port: number; hasEnded: () => boolean }): Promise<boolean> {
  const deadlineMs = systemClock.monotonicMs() + START_LIMIT_MS;
  while (systemClock.monotonicMs() < deadlineMs && !server.hasEnded()) {
    if (await canConnect(server.port)) return true;
    await systemClock.sleep(CONNECT_POLL_MS);
  }
  return false;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
