// For tests: a DAG file that cannot be used, and what its author must be told.
import { expect } from 'vitest';
import type { TestMesh } from './test-mesh.ts';

/** A bad file and the import error it must get: all of it, or what it must match. */
export type BadFile = {
  readonly what: string;
  readonly path: string;
  readonly text: string;
  readonly error: string | RegExp;
};

/** Waits for the file's import error. */
export async function expectError(mesh: TestMesh, { path, error }: BadFile): Promise<void> {
  const found = await mesh.errorOf(path);
  if (typeof error === 'string') expect(found).toBe(error);
  else expect(found).toMatch(error);
}
