// What a running standalone tells other programs of the same account: where its doors are.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from './home.ts';

/** Content of `<home>/ready.json`, there exactly while the standalone answers. */
export type Ready = {
  readonly pid: number;
  /** The public door: gRPC, gRPC-Web and Connect-JSON. */
  readonly apiUrl: string;
  readonly workerDoor: {
    /** host:port for workers that stream. */
    readonly address: string;
    /** URL for workers that cannot. */
    readonly httpUrl: string;
    readonly token: string;
  };
  /** The mesh's own database, over its unix socket. */
  readonly databaseUrl: string;
  readonly postgresPid: number;
  /** 0 without a nats-server of our own. */
  readonly natsPid: number;
  /** Empty without NATS. */
  readonly natsUrl: string;
};

/**
 * Writes the ready file; answers how to take it away. It holds secrets, so only the owner can read
 * it.
 */
export function announceReady(folder: string, ready: Ready): () => void {
  const path = join(folder, 'ready.json');
  writePrivate(path, `${JSON.stringify(ready, undefined, 2)}\n`);
  return () => rmSync(path, { force: true });
}
