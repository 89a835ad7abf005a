// Who sees which XCom: nobody that of an attempt whose success was not recorded.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  LedgerService,
  type XComAddressSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { aRun, aTaskInstance, anAttempt, refusal } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

const ledger = () => metadata.as('executor', LedgerService);
const push = (attemptId: string, key: string, valueJson: string) =>
  ledger().pushXCom({ attemptId, xcoms: [{ key, valueJson }] });
/** A task instance of a new run with its running attempt. */
async function aRunningTask() {
  const run = aRun();
  const instance = aTaskInstance({
    dagRunId: run.id,
    state: TaskInstanceState.RUNNING,
    epoch: 1n,
    tryNumber: 1,
  });
  const attempt = anAttempt({ taskInstanceId: instance.id });
  const running = { ...instance, attemptId: attempt.attemptId };
  await scheduler.commit({ newRuns: [run], newTaskInstances: [running], newAttempts: [attempt] });
  const read = async (options: { key?: string; ownAttemptId?: string } = {}) => {
    const { key = '', ownAttemptId = '' } = options;
    const addresses = [{ dagRunId: run.id, taskId: 'extract', mapIndex: -1, key }];
    const { xcoms } = await ledger().readXComs({ addresses, ownAttemptId });
    return Object.fromEntries(xcoms.map((xcom) => [xcom.address?.key, xcom.valueJson]));
  };
  return { run, instance: running, attempt, read };
}

test('others see what an attempt pushed once its success is committed, not before', async () => {
  const { instance, attempt, read } = await aRunningTask();
  await push(attempt.attemptId, 'early', '{"a":"\\u0000"}');
  expect(await read()).toEqual({});
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, state: TaskInstanceState.SUCCESS }],
    endedAttempts: [{ ...attempt, state: TaskAttemptState.SUCCESS }],
    xcoms: [{ attemptId: attempt.attemptId, xcoms: [{ key: 'return_value', valueJson: '42' }] }],
  });
  expect(await read()).toEqual({ early: '{"a":"\\u0000"}', return_value: '42' });
  expect(await read({ key: 'return_value' })).toEqual({ return_value: '42' });
  expect(await read({ key: 'other' })).toEqual({});
});

test('a running attempt sees its own', async () => {
  const { attempt, read } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  await push(attempt.attemptId, 'k', '2');
  expect(await read({ ownAttemptId: attempt.attemptId })).toEqual({ k: '2' });
});

test('an attempt pushes a thousand keys; beyond them nothing is stored', async () => {
  const { attempt, read } = await aRunningTask();
  const { attemptId } = attempt;
  const keyed = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: `k${n}`, valueJson: String(n) }));
  await ledger().pushXCom({ attemptId, xcoms: keyed(999) });
  const two = [...keyed(1), { key: 'a', valueJson: '1' }, { key: 'b', valueJson: '1' }];
  expect(await refusal(ledger().pushXCom({ attemptId, xcoms: two }))).toBe('limit_reached');
  await push(attemptId, 'a', '2');
  await push(attemptId, 'k7', '"again"');
  expect(await refusal(push(attemptId, 'b', '2'))).toBe('limit_reached');
  const pushed = await read({ ownAttemptId: attemptId });
  expect([pushed['a'], pushed['k7'], pushed['b']]).toEqual(['2', '"again"', undefined]);
});

test('what a failed attempt pushed is never seen, not even by itself', async () => {
  const { instance, attempt, read } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, state: TaskInstanceState.FAILED }],
    endedAttempts: [{ ...attempt, state: TaskAttemptState.FAILED }],
  });
  expect(await read({ ownAttemptId: attempt.attemptId })).toEqual({});
});

test('a new try hides what the last one pushed', async () => {
  const { instance, attempt, read } = await aRunningTask();
  const success = { state: TaskInstanceState.SUCCESS };
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, ...success }],
    endedAttempts: [{ ...attempt, state: TaskAttemptState.SUCCESS }],
    xcoms: [{ attemptId: attempt.attemptId, xcoms: [{ key: 'k', valueJson: '"old"' }] }],
  });
  expect(await read()).toEqual({ k: '"old"' });
  const second = anAttempt({ taskInstanceId: instance.id, tryNumber: 2, epoch: 2n });
  const again = { ...instance, tryNumber: 2, epoch: 2n, attemptId: second.attemptId };
  await scheduler.commit({ changedTaskInstances: [again], newAttempts: [second] });
  expect(await read()).toEqual({});
  await scheduler.commit({
    changedTaskInstances: [{ ...again, ...success }],
    endedAttempts: [{ ...second, state: TaskAttemptState.SUCCESS }],
    xcoms: [{ attemptId: second.attemptId, xcoms: [{ key: 'other', valueJson: '"new"' }] }],
  });
  expect(await read()).toEqual({ other: '"new"' });
});

test('an attempt that is not live can neither push nor delete', async () => {
  const { attempt } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  await scheduler.commit({ endedAttempts: [{ ...attempt, state: TaskAttemptState.LOST }] });
  const { attemptId } = attempt;
  expect(await refusal(push(attemptId, 'k', '2'))).toBe('stale_attempt');
  expect(await refusal(ledger().deleteXCom({ attemptId, key: 'k' }))).toBe('stale_attempt');
  expect(await refusal(push(crypto.randomUUID(), 'k', '2'))).toBe('stale_attempt');
});

test('a live attempt deletes what it pushed, and deleting nothing is no error', async () => {
  const { attempt, read } = await aRunningTask();
  const { attemptId } = attempt;
  await push(attemptId, 'k', '1');
  await ledger().deleteXCom({ attemptId, key: 'k' });
  await ledger().deleteXCom({ attemptId, key: 'k' });
  expect(await read({ ownAttemptId: attemptId })).toEqual({});
});

test('more than one answer can hold is refused with a number, not cut', async () => {
  const { attempt, read } = await aRunningTask();
  for (let n = 0; n < 13; n += 1) {
    await push(attempt.attemptId, `k${n}`, JSON.stringify('x'.repeat(250_000)));
  }
  expect(await refusal(read({ ownAttemptId: attempt.attemptId }))).toBe('xcom_too_large');
  const one = await read({ ownAttemptId: attempt.attemptId, key: 'k3' });
  expect(one['k3']).toHaveLength(250_002);
});

test('an address asked for twice is answered once', async () => {
  const { run, attempt } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  const place = { dagRunId: run.id, taskId: 'extract', mapIndex: -1 };
  const addresses = [
    { ...place, key: 'k' },
    { ...place, key: '' },
  ];
  const { xcoms } = await ledger().readXComs({ addresses, ownAttemptId: attempt.attemptId });
  expect(xcoms).toHaveLength(1);
});

/** A run whose tasks have succeeded with these values: one each, or one per map index. */
async function aMappedRun(pushed: Readonly<Record<string, readonly (string | undefined)[]>>) {
  const run = aRun();
  const all = Object.entries(pushed).flatMap(([taskId, values]) =>
    values.map((valueJson, index) => {
      const mapIndex = values.length === 1 ? -1 : index;
      const place = { dagRunId: run.id, taskId, mapIndex };
      const instance = aTaskInstance({ ...place, state: TaskInstanceState.SUCCESS, tryNumber: 1 });
      const attempt = anAttempt({ taskInstanceId: instance.id, state: TaskAttemptState.SUCCESS });
      const { attemptId } = attempt;
      const xcoms = valueJson === undefined ? [] : [{ key: 'return_value', valueJson }];
      return { instance: { ...instance, attemptId }, attempt, xcoms: { attemptId, xcoms } };
    }),
  );
  await scheduler.commit({
    newRuns: [run],
    newTaskInstances: all.map((one) => one.instance),
    newAttempts: all.map((one) => one.attempt),
    xcoms: all.map((one) => one.xcoms),
  });
  const read = async (...places: MessageInitShape<typeof XComAddressSchema>[]) => {
    const addresses = places.map((place) => ({ ...place, dagRunId: run.id, key: 'return_value' }));
    return (await ledger().readXComs({ addresses })).xcoms;
  };
  const values = async (...places: MessageInitShape<typeof XComAddressSchema>[]) =>
    (await read(...places)).map((xcom) => xcom.valueJson);
  return { read, values };
}

describe('an element', () => {
  test('of a list is what stands there, word for word', async () => {
    const list = String.raw`[ 1.0, {"b": 1, "a": [2]},  "\u0000 \ud83d \"", null ]`;
    const { values, read } = await aMappedRun({ list: [list] });
    const at = (element: number) => values({ taskId: 'list', mapIndex: -1, element });
    expect(await at(0)).toEqual(['1.0']);
    expect(await at(1)).toEqual(['{"b": 1, "a": [2]}']);
    expect(await at(2)).toEqual([String.raw`"\u0000 \ud83d \""`]);
    expect(await at(3)).toEqual(['null']);
    expect(await at(4)).toEqual([]);
    const [xcom] = await read({ taskId: 'list', mapIndex: -1, element: 1 });
    expect(xcom?.address).toMatchObject({ taskId: 'list', mapIndex: -1, element: 1 });
  });

  test('of an object is the pair at that place of the text, whatever its key', async () => {
    const object = String.raw`{"z": 1, "10": [true], "2": "\\u0041", "a\u0000\n\"\\é": "\ud83d"}`;
    const { values } = await aMappedRun({ map: [object] });
    const places = [0, 1, 2, 3, 4].map((element) => ({ taskId: 'map', mapIndex: -1, element }));
    const pairs = await values(...places);
    expect(pairs.map((pair): unknown => JSON.parse(pair))).toEqual([
      ['z', 1],
      ['10', [true]],
      ['2', String.raw`\u0041`],
      ['a\u0000\n"\\é', '\ud83d'],
    ]);
  });

  test('of what is neither is absent, and does not spoil what is read beside it', async () => {
    const { values } = await aMappedRun({ list: ['"text"'], other: ['[7]'] });
    const places = [
      { taskId: 'list', mapIndex: -1, element: 0 },
      { taskId: 'other', mapIndex: -1, element: 0 },
      { taskId: 'other', mapIndex: -1 },
    ];
    expect((await values(...places)).toSorted()).toEqual(['7', '[7]']);
  });

  test('of a large list travels without the rest of it', async () => {
    const elements = Array.from({ length: 1_000 }, (_, n) => `"${n}${'x'.repeat(250)}"`);
    const { read } = await aMappedRun({ list: [`[${elements.join(',')}]`] });
    const places = elements.map((_, element) => ({ taskId: 'list', mapIndex: -1, element }));
    const xcoms = await read(...places);
    expect(xcoms.map((xcom) => xcom.address?.element)).toEqual(places.map((one) => one.element));
    expect(xcoms.map((xcom) => xcom.valueJson)).toEqual(elements);
  });
});

describe('a series', () => {
  const squares = Array.from({ length: 12 }, (_, n) => (n === 5 ? undefined : String(n * n)));

  test('has what all instances pushed, by map index, without those that did not', async () => {
    const { read } = await aMappedRun({ square: squares });
    const xcoms = await read({ taskId: 'square', isSeries: true });
    const indexes = xcoms.map((xcom) => xcom.address?.mapIndex);
    expect(indexes).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
    expect(xcoms.map((xcom) => xcom.valueJson)).toEqual(squares.filter((one) => one !== undefined));
  });

  test('may begin and end in between', async () => {
    const { values } = await aMappedRun({ square: squares });
    const series = { taskId: 'square', isSeries: true };
    expect(await values({ ...series, mapIndexFrom: 3, mapIndexTo: 7 })).toEqual(['9', '16', '36']);
    expect(await values({ ...series, mapIndexFrom: 10 })).toEqual(['100', '121']);
    expect(await values({ ...series, mapIndexTo: 2 })).toEqual(['0', '1']);
  });
});

test('what an attempt pushed before its wait belongs to the one that goes on', async () => {
  const { instance, attempt, read } = await aRunningTask();
  await push(attempt.attemptId, 'before', '1');
  const second = anAttempt({ taskInstanceId: instance.id, epoch: 2n });
  const third = anAttempt({ taskInstanceId: instance.id, epoch: 3n });
  const waiting = { state: TaskAttemptState.WAITING };
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, state: TaskInstanceState.DEFERRED }],
    endedAttempts: [{ ...attempt, ...waiting }],
  });
  // The second one waits again at once.
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, epoch: 3n, attemptId: third.attemptId }],
    newAttempts: [{ ...second, ...waiting }, third],
    carriedXcoms: [
      { fromAttemptId: attempt.attemptId, toAttemptId: second.attemptId },
      { fromAttemptId: second.attemptId, toAttemptId: third.attemptId },
    ],
  });
  expect(await read({ ownAttemptId: third.attemptId })).toEqual({ before: '1' });
  await push(third.attemptId, 'after', '2');
  expect(await read({ ownAttemptId: third.attemptId })).toEqual({ before: '1', after: '2' });
});
