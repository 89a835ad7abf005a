// Ports for servers: the wanted one, or one that no outgoing connection can take meanwhile.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { freePort } from './free-port.ts';

const taken = createServer();
afterEach(() => {
  taken.close();
});

it('a wanted port that is free is given', async () => {
  const port = await freePort();
  expect(await freePort(port)).toBe(port);
});

it('for a port that is taken another one is given, below those of outgoing connections', async () => {
  const wanted = await freePort();
  taken.listen(wanted, '127.0.0.1');
  await once(taken, 'listening');
  const given = await freePort(wanted);
  expect(given).not.toBe(wanted);
  expect(given).toBeGreaterThanOrEqual(10_000);
  expect(given).toBeLessThan(32_768);
});
