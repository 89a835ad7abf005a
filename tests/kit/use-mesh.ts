// The preamble of an end-to-end test file, in one line: a mesh for the tests of one place.
import { afterAll, beforeAll } from 'vitest';
import { type MeshMode, type MeshPlan, startMesh, type TestMesh } from './mesh.ts';

/** Both forms of the system, for `describe.each`. */
export const modes: readonly MeshMode[] = ['mesh', 'standalone'];

/**
 * Starts a mesh before the tests of this file or `describe` and makes it ready; stops it after
 * them. Nothing of the answer can be read before.
 */
export function useMesh(plan: MeshPlan, ready?: (mesh: TestMesh) => Promise<unknown>): TestMesh {
  let mesh: TestMesh | undefined;
  beforeAll(async () => {
    mesh = await startMesh(plan);
    await ready?.(mesh);
  });
  afterAll(() => mesh?.stop());
  return new Proxy({} as TestMesh, {
    get: (_nothing, name) => {
      if (mesh === undefined) throw new Error(`the mesh has no ${String(name)} before it starts`);
      return Reflect.get(mesh, name) as unknown;
    },
  });
}
