// When a program keeps house: while it is quiet, and only when it is worth it.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../clock/fake-clock.ts';
import { createHousekeeping } from './housekeeping.ts';

const MIB = 1024 * 1024;
const LOOK_MS = 5_000;

const now = { cpuMs: 0, heapBytes: 0, collections: 0, codeKept: 0 };
let clock = new FakeClock();
let housekeeping = createHousekeeping(clock);

beforeEach(async () => {
  Object.assign(now, { cpuMs: 0, heapBytes: 60 * MIB, collections: 0, codeKept: 0 });
  clock = new FakeClock();
  housekeeping = createHousekeeping(clock, {
    cpuMs: () => now.cpuMs,
    heapBytes: () => now.heapBytes,
    collect: async () => {
      now.collections += 1;
      now.heapBytes = 30 * MIB;
    },
    keepCode: () => void (now.codeKept += 1),
  });
  await housekeeping.start();
});
afterEach(() => housekeeping.stop());

it('a program that has just started and is quiet keeps its code and gives memory back', async () => {
  await clock.advance(LOOK_MS);
  expect(now).toMatchObject({ codeKept: 1, collections: 1 });
});

it('a program that is busy is left alone until it is quiet', async () => {
  for (let looks = 0; looks < 3; looks += 1) {
    now.cpuMs += 1_000;
    await clock.advance(LOOK_MS);
  }
  expect(now).toMatchObject({ codeKept: 0, collections: 0 });
  await clock.advance(LOOK_MS);
  expect(now).toMatchObject({ codeKept: 1, collections: 1 });
});

it('memory is given back again only after the heap has grown', async () => {
  await clock.advance(LOOK_MS);
  now.heapBytes += 7 * MIB;
  await clock.advance(10 * LOOK_MS);
  expect(now.collections).toBe(1);
  now.heapBytes += 2 * MIB;
  await clock.advance(10 * LOOK_MS);
  expect(now).toMatchObject({ codeKept: 1, collections: 2 });
});

it('a heap so large that its collection would be felt is left to V8', async () => {
  now.heapBytes = 257 * MIB;
  await clock.advance(10 * LOOK_MS);
  expect(now).toMatchObject({ codeKept: 1, collections: 0 });
});

it('a program that has stopped is left alone', async () => {
  await housekeeping.stop();
  await clock.advance(10 * LOOK_MS);
  expect(now).toMatchObject({ codeKept: 0, collections: 0 });
  expect(clock.waitingCount).toBe(0);
});
