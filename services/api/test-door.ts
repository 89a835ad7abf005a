// For tests: the preamble of a file in one line: a fake mesh, its public door, what reached it.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { openEdge } from '#kernel/rpc/edge-client.ts';
import { type FakeMesh, startFakeMesh } from '../../tests/kit/fake-mesh.ts';
import { tokenOf } from '../../tests/kit/fake-world.ts';

/** What the tests of a file work with; nothing of it answers before their `beforeAll`. */
export type TestDoor = {
  readonly mesh: Pick<FakeMesh, 'asked' | 'faults' | 'world'>;
  /** The door, with the token of a user of that role; `op` unless another is named. */
  edge(role?: string): ReturnType<typeof openEdge>;
  /** The requests that services got for an RPC, in this test. */
  asked(rpc: string): unknown[];
};

/** Starts before the tests of this file, ends after them. Call it at the top of the file. */
export function useDoor(): TestDoor {
  let mesh: FakeMesh;
  beforeAll(async () => {
    mesh = await startFakeMesh();
  });
  afterAll(() => mesh.stop());
  beforeEach(() => {
    mesh.asked.length = 0;
    mesh.faults.clear();
  });
  return {
    mesh: {
      get asked() {
        return mesh.asked;
      },
      get faults() {
        return mesh.faults;
      },
      get world() {
        return mesh.world;
      },
    },
    edge: (role = 'op') => openEdge({ url: mesh.url, token: tokenOf(role) }),
    asked: (rpc) =>
      mesh.asked.filter((one) => one.rpc === rpc).map(({ request }): unknown => request),
  };
}

/** For `toSatisfy`: an error with this reason. */
export function failingWith(reason: string): (error: unknown) => boolean {
  return (error) => reasonOf(error) === reason;
}
