// The Python environment of Python workers and Python DAG files.
import { join } from 'node:path';
import { quietly } from './steps.mjs';

/** Makes the environment; without Python the rest works, and Python tasks wait for a worker. */
export async function ensurePython({ root, env }) {
  try {
    await quietly(join(root, 'deploy', 'gen', 'python-env.sh'), [], { cwd: root, env });
    return 'is ready';
  } catch (error) {
    const reason = String(error.message).trim().split('\n').at(-1);
    return `not to be had: Python tasks will wait (${reason})`;
  }
}
