// Free TCP ports on this machine, each given to one process only.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { randomBetween } from '#kernel/clock/random.ts';

/**
 * The ports to draw from: below those that systems give to outgoing connections (Linux from 32,768,
 * others from 49,152), so that no connection takes a port between the draw and its use.
 */
const DRAWN_PORTS = { min: 10_000, max: 32_767 };
const DRAWS_MAX = 100;
const HOST = '127.0.0.1';

/** The ports this process has claimed; each is kept until the process ends. */
const claimed = new Set<number>();

/**
 * A free port; the wanted one if it is free, else one drawn by lot. It is free from now on for this
 * process and the servers it starts, and for no other process that asks here. Fails after 100
 * draws.
 */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && wanted !== 0 && (await claim(wanted))) return wanted;
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const port = randomBetween(DRAWN_PORTS.min, DRAWN_PORTS.max);
    if (!claimed.has(port) && (await claim(port))) return port;
  }
  throw new Error(
    `no free port of ${HOST} found in ${DRAWS_MAX} draws from ${DRAWN_PORTS.min} to ${DRAWN_PORTS.max}`,
  );
}

/**
 * Claims a port: binds its UDP twin, which nobody uses and the system takes back when the process
 * ends. A probe of the port alone would tell two processes that start together the same.
 */
async function claim(port: number): Promise<boolean> {
  if (!claimed.has(port) && !(await bindTwin(port))) return false;
  claimed.add(port);
  return isPortFree(port);
}

/** Binds the UDP port of this number for as long as the process lives; false when it is taken. */
function bindTwin(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const twin = createSocket('udp4');
    twin.once('error', () => resolve(false));
    twin.bind({ port, address: HOST, exclusive: true }, () => {
      twin.unref();
      resolve(true);
    });
  });
}

/** Whether a port can be bound now. */
function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
