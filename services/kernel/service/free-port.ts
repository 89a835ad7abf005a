// Free TCP ports on this machine.
import { createServer } from 'node:net';
import { randomBetween } from '#kernel/clock/random.ts';

/**
 * The ports to draw from: below those that systems give to outgoing connections (Linux from 32,768,
 * others from 49,152), so that no connection takes a port between the draw and its use.
 */
const DRAWN_PORTS = { min: 10_000, max: 32_767 };
const DRAWS_MAX = 100;

/** Whether a port of 127.0.0.1 can be bound now. */
function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      probe.close(() => resolve(true)),
    );
  });
}

/** A free port; the wanted one if it is free, else one drawn by lot. Fails after 100 draws. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && wanted !== 0 && (await isPortFree(wanted))) return wanted;
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const port = randomBetween(DRAWN_PORTS.min, DRAWN_PORTS.max);
    if (await isPortFree(port)) return port;
  }
  throw new Error(
    `no free port of 127.0.0.1 found in ${DRAWS_MAX} draws from ${DRAWN_PORTS.min} to ${DRAWN_PORTS.max}`,
  );
}
