// Ports for servers: the wanted one, or one that neither an outgoing connection nor another process
// can take meanwhile.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { freePort } from './free-port.ts';

const taken = createServer();
const others: ChildProcess[] = [];
afterEach(() => {
  taken.close();
  for (const other of others.splice(0)) other.kill('SIGKILL');
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

it('processes that want the same port before one of them listens are given different ones', async () => {
  const wanted = await freePortOfAnEndedProcess();
  const given = await Promise.all([1, 2, 3, 4].map(() => askInAnotherProcess(wanted)));
  expect(given).toContain(wanted);
  expect(new Set(given).size).toBe(4);
});

/** What another process is given; it lives until the end of the test. */
async function askInAnotherProcess(wanted: number): Promise<number> {
  const module = new URL('./free-port.ts', import.meta.url).href;
  const program = `
    const { freePort } = await import(${JSON.stringify(module)});
    console.log(await freePort(${wanted}));
    setInterval(() => undefined, 1000);
  `;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program]);
  others.push(other);
  const [printed] = await once(other.stdout, 'data');
  return Number(String(printed));
}

async function freePortOfAnEndedProcess(): Promise<number> {
  const port = await askInAnotherProcess(0);
  const other = others.pop();
  other?.kill('SIGKILL');
  if (other !== undefined) await once(other, 'exit');
  return port;
}
