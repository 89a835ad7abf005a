// kill −9 of every program while 500 tasks run: every run ends, every accepted attempt had exactly
// one effect.
import { expect, test } from 'vitest';
import { endLoad, expectOneEffectEach, startLoad, startLoadMesh } from './load.ts';

test.each(['worker-typescript-0', 'executor', 'scheduler', 'metadata'])(
  'the load survives kill −9 of %s',
  async (victim) => {
    const mesh = await startLoadMesh();
    await startLoad(mesh);
    await mesh.program(victim).restart();
    await endLoad(mesh);
    await expectOneEffectEach(mesh);
  },
  300_000,
);

test('the load survives kill −9 of nats-server, and of its streams', async () => {
  const mesh = await startLoadMesh();
  await startLoad(mesh);
  await mesh.nats.kill();
  await mesh.nats.restart({ wipe: true });
  await endLoad(mesh);
  await expectOneEffectEach(mesh);
}, 300_000);

test('the load goes on without any nats-server', async () => {
  const mesh = await startLoadMesh();
  await startLoad(mesh);
  await mesh.nats.kill();
  await endLoad(mesh);
  await expectOneEffectEach(mesh);
}, 300_000);

test('the load survives kill −9 of PostgreSQL', async () => {
  const mesh = await startLoadMesh();
  await startLoad(mesh);
  await mesh.postgres.crash();
  await endLoad(mesh);
  await expectOneEffectEach(mesh);
}, 300_000);

test('the load survives a scheduler that stands still while another takes over', async () => {
  const mesh = await startLoadMesh();
  await startLoad(mesh);
  const scheduler = mesh.program('scheduler');
  scheduler.pause();
  const other = await mesh.startAnother('scheduler');
  await endLoad(mesh);
  scheduler.resume();
  await expectOneEffectEach(mesh);
  expect(other.isAlive()).toBe(true);
}, 300_000);
