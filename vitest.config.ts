// How the test suite runs: real processes, so few at a time, and no retries that could hide a flaw.
// Its limits are for what hangs; a busy machine must not reach them.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'services/**/*.test.ts',
      'sdk/typescript/**/*.test.ts',
      'dags/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
