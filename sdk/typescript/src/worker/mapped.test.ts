// Arguments of mapped instances, changed by functions of the author before a task gets them.
import { expect, test } from 'vitest';
import { Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { useWaitsWorker, valuesOf } from '../testkit/waits.ts';

const { run } = useWaitsWorker();

const CHANGED = 'waits.ts:waits#map_1';

test('the element of a mapped instance is changed first, and names it', async () => {
  const report = await run('counts', {
    mapIndex: 0,
    expandedTiCount: 3,
    inputsJson: '{"n":1}',
    mapIndexTemplate: 'n={{ n }}',
    inputTransforms: [{ name: 'n', handlers: [CHANGED, 'waits.ts:twice'] }],
  });
  expect(valuesOf(report)).toEqual({ return_value: [4, 3] });
  expect(report.mapLabel).toBe('n=4');
});

test('a change that asks to be skipped skips the instance', async () => {
  const report = await run('counts', {
    inputsJson: '{"n":2}',
    inputTransforms: [{ name: 'n', handlers: [CHANGED] }],
  });
  expect(report).toMatchObject({ outcome: Outcome.SKIPPED, reason: 'two is no number' });
});

test('a change that is not there fails in the words of a missing handler', async () => {
  const { outcome, error } = await run('counts', {
    inputsJson: '{"n":2}',
    inputTransforms: [{ name: 'n', handlers: ['waits.ts:gone'] }],
  });
  expect(outcome).toBe(Outcome.FAILED);
  expect(error).toMatchObject({ errorClass: 'HandlerNotFound', isFinal: true });
});
