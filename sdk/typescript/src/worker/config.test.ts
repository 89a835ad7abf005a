// What a worker is told when it starts.
import { expect, test } from 'vitest';
import { readCommand } from './config.ts';

const env = { DAGMESH_WORKER_TOKEN: 'token' };

function configOf(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const command = readCommand(args, { ...env, ...more });
  if (command.kind !== 'run') throw new Error('a worker was expected');
  return command.config;
}

test('a worker needs nothing but its token', () => {
  expect(configOf([])).toMatchObject({
    executorAddress: '127.0.0.1:7103',
    queues: ['default'],
    slotsMax: 8,
    attemptsPerChild: 1,
    tasksPerChild: 10_000,
  });
});

test('a flag wins over its variable', () => {
  const more = { DAGMESH_WORKER_SLOTS: '3', DAGMESH_WORKER_QUEUES: 'a, b,a' };
  expect(configOf(['--slots', '5'], more)).toMatchObject({ slotsMax: 5, queues: ['a', 'b'] });
});

test('each start has a name of its own that the contract allows', () => {
  const { workerId } = configOf([]);
  expect(workerId).toMatch(/^[A-Za-z0-9_.~:+@-]{1,250}$/);
  expect(configOf([]).workerId).not.toBe(workerId);
});

test.each([
  [['--slots', '0'], '--slots (DAGMESH_WORKER_SLOTS) is "0"'],
  [['--slots', 'many'], 'must be a whole number from 1 to 10000'],
  [['--queues', 'a b'], '--queues (DAGMESH_WORKER_QUEUES) is "a b"'],
  [['--id', 'a/b'], '--id (DAGMESH_WORKER_ID) is "a/b"'],
  [['--colour', 'red'], "Unknown option '--colour'"],
])('%j is refused in words', (args, words) => {
  expect(() => readCommand(args, env)).toThrow(words);
});

test('without a token a worker does not start', () => {
  expect(() => readCommand([], {})).toThrow('DAGMESH_WORKER_TOKEN is not set');
});

test('help names every flag and its variable, and needs no token', () => {
  const command = readCommand(['--help'], {});
  const text = command.kind === 'help' ? command.text : '';
  expect(text).toContain('--attempts-per-child');
  expect(text).toContain('DAGMESH_WORKER_ATTEMPTS_PER_CHILD');
});
