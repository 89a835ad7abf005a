// The life of one child: it ends with its group, on time, and with a word on how.
import { describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import type { ChildOutcome, ParseLimits } from '../core/reading/explain-outcome.ts';
import { lookAtTree } from './process-tree.ts';
import { runChild } from './run-child.ts';

const LIMITS: ParseLimits = {
  timeMaxMs: 5_000,
  memoryMaxBytes: 512 * 1024 * 1024,
  outputMaxBytes: 1_000,
  answerMaxBytes: 1_000,
  processesMax: 8,
};

function run(
  script: string,
  limits: Partial<ParseLimits> = {},
  signal?: AbortSignal,
): Promise<ChildOutcome> {
  const command = { argv: ['sh', '-c', script], env: { PATH: '/usr/bin:/bin' } };
  return runChild(command, {
    cwd: '/',
    limits: { ...LIMITS, ...limits },
    canWatch: true,
    clock: systemClock,
    signal: signal ?? new AbortController().signal,
  });
}

test('what comes on descriptor 3 is the answer', async () => {
  expect(await run('echo ignored; printf word >&3; exit 1')).toEqual({
    kind: 'answered',
    answer: 'word',
  });
});

test('an end without a word tells how, and what was printed last', async () => {
  const outcome = await run('echo why >&2; exit 7');
  expect(outcome).toEqual({ kind: 'ended', exitCode: 7, signal: undefined, lastOutput: 'why\n' });
  expect(await run('kill -TERM $$')).toMatchObject({ kind: 'ended', signal: 'SIGTERM' });
});

test('a program that is not there', async () => {
  const command = { argv: ['/no/such/program'], env: {} };
  const options = { cwd: '/', limits: LIMITS, canWatch: false, clock: systemClock };
  const outcome = await runChild(command, { ...options, signal: new AbortController().signal });
  expect(outcome).toMatchObject({ kind: 'not_started', cause: expect.stringContaining('ENOENT') });
});

describe('limits', () => {
  test('time', async () => {
    expect(await run('sleep 60', { timeMaxMs: 200 })).toEqual({ kind: 'killed', limit: 'time' });
  });

  test('output', async () => {
    expect(await run('yes')).toEqual({ kind: 'killed', limit: 'output' });
  });

  test('answer', async () => {
    expect(await run('yes >&3')).toEqual({ kind: 'killed', limit: 'answer' });
  });

  test('processes', async () => {
    const outcome = await run('for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait');
    expect(outcome).toEqual({ kind: 'killed', limit: 'processes' });
  });
});

describe('what a child leaves behind', () => {
  test('dies with it', async () => {
    const outcome = await run('sleep 61 & printf $! >&3');
    const pid = outcome.kind === 'answered' ? Number(outcome.answer) : 0;
    expect(pid).toBeGreaterThan(1);
    expect(lookAtTree(pid, 1).memoryBytes).toBe(0);
  });

  test('holds nobody up where it has left the group', async () => {
    const beganMs = performance.now();
    const outcome = await run('setsid sleep 30 & printf done >&3');
    expect(outcome).toEqual({ kind: 'answered', answer: 'done' });
    expect(performance.now() - beganMs).toBeLessThan(20_000);
  });
});

test('when we stop, so does the child, and nothing is said about it', async () => {
  const stopping = new AbortController();
  const outcome = run('sleep 60', {}, stopping.signal);
  stopping.abort();
  expect(await outcome).toEqual({ kind: 'stopped' });
  expect(await run('printf late >&3', {}, stopping.signal)).toEqual({ kind: 'stopped' });
});
