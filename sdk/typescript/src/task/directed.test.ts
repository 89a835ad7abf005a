// What branches, short circuits and tasks with several outputs hand over.
import { expect, test } from 'vitest';
import type { TaskContext } from './context.ts';
import { branch, type Choice, shortCircuit } from './directed.ts';
import { keeping } from './outputs.ts';
import { fillPlaceholders } from './placeholders.ts';
import { resultOf } from './result.ts';

const CONTEXT = {} as TaskContext;

test.each<readonly [Choice, readonly string[]]>([
  ['left', ['left']],
  [
    ['left', 'group', 'left'],
    ['left', 'group'],
  ],
  [[], []],
  [null, []],
  [undefined, []],
])('the choice %j follows %j', async (choice, followIds) => {
  const { value, direction } = resultOf(await branch(() => choice)(CONTEXT));
  expect(direction).toEqual({ kind: 'branch', followIds });
  expect(value).toEqual(choice);
});

test('a choice that is no id fails in words', async () => {
  const body = branch(() => ['left', 7] as never);
  await expect(body(CONTEXT)).rejects.toThrow('by the ids of tasks or groups; 7 is none');
});

test.each<readonly [unknown, boolean]>([
  [true, true],
  [1, true],
  ['no', true],
  [[0], true],
  [{ a: 0 }, true],
  [new Date(0), true],
  [false, false],
  [0, false],
  ['', false],
  [[], false],
  [{}, false],
  [Object.create(null), false],
  [new Set(), false],
  [new Map(), false],
  [new Set([0]), true],
  [null, false],
  [undefined, false],
])('a short circuit on %j lets the rest run: %s', async (condition, isOpen) => {
  const { value, direction } = resultOf(await shortCircuit(() => condition)(CONTEXT));
  expect(value).toEqual(condition);
  const skips = { kind: 'short_circuit', respectsTriggerRules: false };
  expect(direction).toEqual(isOpen ? undefined : skips);
});

test('a short circuit may leave the rules downstream in force', async () => {
  const body = shortCircuit(() => false, { ignoreDownstreamTriggerRules: false });
  const { direction } = resultOf(await body(CONTEXT));
  expect(direction).toEqual({ kind: 'short_circuit', respectsTriggerRules: true });
});

test('with multipleOutputs each key is an output beside the whole', async () => {
  const body = keeping(() => ({ rows: 3, day: '2026-01-01', gone: undefined }), {
    multipleOutputs: true,
  });
  const { value, outputs } = resultOf(await body(CONTEXT as never));
  expect(outputs).toEqual({ rows: 3, day: '2026-01-01' });
  expect(value).toEqual({ rows: 3, day: '2026-01-01' });
});

test('multipleOutputs of a list is a failure in words', async () => {
  const body = keeping(async () => [1, 2], { multipleOutputs: true });
  await expect(body(CONTEXT as never)).rejects.toThrow('this one returned a list');
});

test('without doXcomPush nothing is kept, and a decision still counts', async () => {
  const body = keeping(branch(() => 'left') as never, { doXcomPush: false });
  const { value, outputs, direction } = resultOf(await body(CONTEXT as never));
  expect([value, outputs]).toEqual([undefined, {}]);
  expect(direction).toEqual({ kind: 'branch', followIds: ['left'] });
});

test.each([
  ['{{ city }}', 'Oslo'],
  ['{{city}}: {{ day.year }}', 'Oslo: 2026'],
  ['{{ day }}', '{"year":2026}'],
  ['{{ list }}', '[1,2]'],
  ['{{ missing }} {{ day.month }}', '{{ missing }} {{ day.month }}'],
  ['{{ a.b }}', 'dotted'],
  ['{{ constructor }}', '{{ constructor }}'],
  ['no place', 'no place'],
])('%j is filled in as %j', (text, filled) => {
  const values = { city: 'Oslo', day: { year: 2026 }, list: [1, 2], 'a.b': 'dotted' };
  expect(fillPlaceholders(text, values)).toBe(filled);
});
