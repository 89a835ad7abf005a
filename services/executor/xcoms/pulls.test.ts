// Values that running tasks pull: of one instance, of several, of other runs and of earlier dates.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PullXComRequestSchema } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { startTestMesh, type TestMesh } from '../testing/mesh.ts';
import { testRun } from '../testing/scheduler.ts';
import { joinWorker } from '../testing/worker.ts';

type Question = Omit<MessageInitShape<typeof PullXComRequestSchema>, '$typeName'>;

let mesh: TestMesh;
let attemptToken: string;
beforeEach(async () => {
  mesh = await startTestMesh();
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({ taskId: 'reader', lease: { mapIndex: 2 } });
  ({ attemptToken } = await worker.lease(1));
});
afterEach(() => mesh.stop());

const pull = (question: Question) => mesh.worker.pullXCom({ attemptToken, ...question });
const pulled = async (question: Question) => JSON.parse((await pull(question)).valueJson);
const refusal = (question: Question) => pull(question).then(() => undefined, reasonOf);

/** The instances of a mapped task, in no particular order; undefined pushed nothing. */
function pushAll(taskId: string, values: Readonly<Record<number, unknown>>) {
  for (const [index, value] of Object.entries(values).reverse()) {
    mesh.metadata.xcoms.set(`${taskId}[${index}]/return_value`, JSON.stringify(value));
  }
}

/** A run of a DAG, `day` days after the first. */
function addRun(day: number | undefined, xcoms: Readonly<Record<string, unknown>>, dagId = 'etl') {
  const run = {
    dagId,
    runId: `day-${day}`,
    dagRunId: uuidV7(),
    xcoms: new Map(Object.entries(xcoms).map(([name, value]) => [name, JSON.stringify(value)])),
    ...(day === undefined ? {} : { logicalDateMs: Date.UTC(2026, 0, 1 + day) }),
  };
  mesh.metadata.runs.push(run);
  return run;
}

/** Gives the run of these tests a date. */
function dateOwnRun(day: number) {
  const logicalDateMs = Date.UTC(2026, 0, 1 + day);
  mesh.metadata.runs[0] = { ...testRun, xcoms: mesh.metadata.xcoms, logicalDateMs };
}

describe('a mapped task', () => {
  test('is pulled as the list of what its instances pushed, by index', async () => {
    pushAll('up', { 0: 'a', 2: 'c', 10: 'k' });
    const { valueJson, mappedCount } = await pull({ taskId: 'up' });
    expect(JSON.parse(valueJson)).toEqual(['a', 'c', 'k']);
    expect(mappedCount).toBe(3);
  });

  test('is pulled by one index, or by several in the order asked for', async () => {
    pushAll('up', { 0: 'a', 2: 'c' });
    expect(await pulled({ taskId: 'up', mapIndex: 2 })).toBe('c');
    expect(await refusal({ taskId: 'up', mapIndex: 1 })).toBe('xcom_not_found');
    expect(await pulled({ taskId: 'up', mapIndexes: [2, 1, 0, 2] })).toEqual(['c', null, 'a', 'c']);
    expect(await pulled({ taskId: 'none', mapIndexes: [0, 1] })).toEqual([null, null]);
  });

  test('is pulled in parts, counted over those that pushed something', async () => {
    pushAll('up', { 0: 'a', 2: 'c', 3: null, 7: 'h' });
    const { valueJson, mappedCount } = await pull({ taskId: 'up', slice: { start: -3, stop: 3 } });
    expect(JSON.parse(valueJson)).toEqual(['c', null]);
    expect(mappedCount).toBe(4);
    expect(await pulled({ taskId: 'up', slice: { step: -1 } })).toEqual(['h', null, 'c', 'a']);
    expect(await pulled({ taskId: 'none', slice: {} })).toEqual([]);
  });

  test('is pulled whole when the ledger needs many answers for it', async () => {
    const values = Array.from({ length: 300 }, (_, index) => `value ${index}`);
    pushAll('up', values);
    mesh.metadata.xcomAnswerMax = 200;
    expect(await pulled({ taskId: 'up' })).toEqual(values);
    expect(await pulled({ taskId: 'up', mapIndexes: [299, 0] })).toEqual(['value 299', 'value 0']);
  });

  test('that is too large for one answer is refused, and its parts are not', async () => {
    const value = 'x'.repeat(250_000);
    pushAll('up', Array<string>(14).fill(value));
    expect(await refusal({ taskId: 'up' })).toBe('xcom_too_large');
    expect(await pulled({ taskId: 'up', slice: { start: -1 } })).toEqual([value]);
  });

  test('has its own value when it names none, and may ask for the others', async () => {
    pushAll('reader', { 0: 'first' });
    await mesh.worker.pushXCom({ attemptToken, xcom: { key: 'return_value', valueJson: '"own"' } });
    expect(await pulled({})).toBe('own');
    expect(await pulled({ slice: {} })).toEqual(['first', 'own']);
    expect(await pulled({ mapIndexes: [0, 2] })).toEqual(['first', 'own']);
  });
});

test('a task that is not mapped is pulled as its value', async () => {
  mesh.metadata.xcoms.set('up/return_value', '[1,2]');
  const { valueJson, mappedCount } = await pull({ taskId: 'up' });
  expect([valueJson, mappedCount]).toEqual(['[1,2]', 0]);
  expect(await refusal({ taskId: 'none' })).toBe('xcom_not_found');
});

test.each([
  ['an index and indexes', { mapIndex: 1, mapIndexes: [1] }],
  ['an index and a slice', { mapIndex: 1, slice: {} }],
  ['indexes and a slice', { mapIndexes: [1], slice: {} }],
  ['a slice with step 0', { slice: { step: 0 } }],
])('%s are refused', async (_, question) => {
  expect(await refusal({ taskId: 'up', ...question })).toBe('bad_request');
});

describe('another run', () => {
  test('is named by its id, in this DAG or another one', async () => {
    addRun(3, { 'up/return_value': 'third' });
    addRun(3, { 'up/return_value': 'other', 'up/k': 'named' }, 'other');
    expect(await pulled({ taskId: 'up', runId: 'day-3' })).toBe('third');
    expect(await pulled({ taskId: 'up', runId: 'day-3', dagId: 'other' })).toBe('other');
    expect(await pulled({ taskId: 'up', runId: 'day-3', dagId: 'other', key: 'k' })).toBe('named');
    expect(await refusal({ taskId: 'none', runId: 'day-3' })).toBe('xcom_not_found');
    expect(await refusal({ taskId: 'up', runId: 'day-4' })).toBe('run_not_found');
    expect(await refusal({ taskId: 'up', dagId: 'other' })).toBe('run_not_found');
  });

  test('of an earlier date counts when asked for and this one has nothing', async () => {
    dateOwnRun(20);
    for (let day = 0; day < 20; day += 1) {
      addRun(day, day % 7 === 0 ? { 'up/return_value': day } : {});
    }
    addRun(21, { 'up/return_value': 'later' });
    addRun(undefined, { 'up/return_value': 'no date' });
    expect(await refusal({ taskId: 'up' })).toBe('xcom_not_found');
    expect(await pulled({ taskId: 'up', includePriorDates: true })).toBe(14);
    expect(await pulled({ taskId: 'up', includePriorDates: true, runId: 'day-13' })).toBe(7);
    mesh.metadata.xcoms.set('up/return_value', '"today"');
    expect(await pulled({ taskId: 'up', includePriorDates: true })).toBe('today');
    expect(await refusal({ taskId: 'none', includePriorDates: true })).toBe('xcom_not_found');
  });

  test('of another DAG counts up to the date of this one', async () => {
    dateOwnRun(5);
    addRun(4, { 'up[0]/return_value': 'four' }, 'other');
    addRun(6, { 'up[0]/return_value': 'six' }, 'other');
    const question = { taskId: 'up', dagId: 'other', includePriorDates: true };
    expect(await pulled(question)).toEqual(['four']);
  });

  test('has no earlier one when this one has no date', async () => {
    addRun(0, { 'up/return_value': 0 });
    expect(await refusal({ taskId: 'up', includePriorDates: true })).toBe('xcom_not_found');
  });
});
