// What workers report, as it is recorded: every outcome, and what is refused of it.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptReportSchema, FailureReason, Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { XCOM_SIZE_MAX } from './limits.ts';
import { type Circumstances, judgeReport } from './report.ts';

const name = { attemptId: 'a', epoch: 7n, partition: 1, dagRunId: 'r' };
const nowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

/** The verdict on a success, unless told otherwise, over which nobody maps. */
function judge(report: object, circumstances: Partial<Circumstances> = {}) {
  const said = { attemptToken: 't', outcome: Outcome.SUCCESS, ...report };
  const known = { nowMs, isMappedOver: false, ...circumstances };
  return judgeReport(name, create(AttemptReportSchema, said), known);
}

const question = { subject: 'Go on?', options: ['Approve', 'Reject'] };
const timer = { kind: { case: 'timer', value: { moment: { case: 'after', value: {} } } } };

describe('a report', () => {
  test.each([
    [Outcome.SUCCESS, AttemptEnd.SUCCESS, {}],
    [Outcome.FAILED, AttemptEnd.FAILED, {}],
    [Outcome.SKIPPED, AttemptEnd.SKIPPED, {}],
    [Outcome.REJECTED, AttemptEnd.REJECTED, {}],
    [Outcome.CANCELLED, AttemptEnd.CANCELLED, {}],
    [Outcome.DEFERRED, AttemptEnd.DEFERRED, { defer: { trigger: timer } }],
    [Outcome.RESCHEDULED, AttemptEnd.RESCHEDULED, { rescheduleAt: toTimestamp(nowMs) }],
    [Outcome.AWAITING_INPUT, AttemptEnd.AWAITING_INPUT, { awaitInput: { humanInput: question } }],
  ])('of outcome %i is recorded as end %i', (outcome, end, more) => {
    const { outcome: recorded } = judge({ outcome, ...more });
    expect(recorded).toMatchObject({ attemptId: 'a', epoch: 7n, end });
  });

  test('of an outcome that is unknown here fails and says so', () => {
    const judged = judge({ outcome: 99 });
    expect(judged.refused).toContain('99');
    expect(judged.outcome).toMatchObject({
      end: AttemptEnd.FAILED,
      error: { reason: FailureReason.LIMIT },
    });
  });

  test('that pushes a key twice counts with the last value', () => {
    const xcoms = [
      { key: 'k', valueJson: '1' },
      { key: 'k', valueJson: '2' },
    ];
    expect(judge({ xcoms }).outcome.xcoms).toMatchObject([{ key: 'k', valueJson: '2' }]);
  });

  test.each([
    ['as large as allowed', XCOM_SIZE_MAX, true],
    ['one byte larger', XCOM_SIZE_MAX + 1, false],
  ])('with a value %s', (_, size, isTaken) => {
    // Two bytes per letter: the limit counts bytes, not letters.
    const letters = 'ä'.repeat((size - 2) / 2) + (size % 2 === 0 ? '' : 'x');
    const judged = judge({ xcoms: [{ key: 'k', valueJson: `"${letters}"` }] });
    expect(judged.refused === undefined).toBe(isTaken);
  });

  test('whose values and updates are too large together is refused', () => {
    const valueJson = `"${'x'.repeat(250_000)}"`;
    const xcoms = Array.from({ length: 12 }, (_, index) => ({ key: `k${index}`, valueJson }));
    expect(judge({ xcoms }).refused).toBeUndefined();
    const extraJson = JSON.stringify({ note: 'x'.repeat(60_000) });
    const assetUpdates = Array.from({ length: 10 }, () => ({ asset: { name: 'a' }, extraJson }));
    expect(judge({ xcoms, assetUpdates }).refused).toContain('together');
  });

  test('of a failure brings no values', () => {
    const xcoms = [{ key: 'k', valueJson: 'broken' }];
    const judged = judge({ outcome: Outcome.FAILED, xcoms });
    expect(judged.refused).toBeUndefined();
    expect(judged.outcome.xcoms).toBeUndefined();
  });

  test('brings the name of a mapped instance, cut to its length', () => {
    expect(judge({ mapLabel: `${'x'.repeat(250)}y` }).outcome.mapLabel).toBe('x'.repeat(250));
    expect(judge({ outcome: Outcome.FAILED, mapLabel: 'a\0b' }).outcome.mapLabel).toBe('a\uFFFDb');
  });
});

describe('a success', () => {
  const branch = (...followIds: string[]) => ({ kind: { case: 'branch', value: { followIds } } });
  const update = { asset: { name: 'orders' }, extraJson: '{"rows":1}', alias: 'out' };

  test.each([
    ['a branch', { direction: branch('a', 'b') }],
    ['a branch that follows nothing', { direction: branch() }],
    ['a short circuit', { direction: { kind: { case: 'shortCircuit', value: {} } } }],
    ['updates of assets', { assetUpdates: [update] }],
  ])('passes on %s as it came', (_, more) => {
    const judged = judge(more);
    expect(judged.refused).toBeUndefined();
    expect(judged.outcome).toMatchObject({ end: AttemptEnd.SUCCESS, ...more });
  });

  test.each([
    ['a direction that says nothing', { direction: {} }, 'direction'],
    ['a branch with an empty id', { direction: branch('a', '') }, '250 characters'],
    ['a branch with a long id', { direction: branch('x'.repeat(251)) }, '251'],
    ['too many branches', { direction: branch(...Array(10_001).keys().map(String)) }, 'follow_ids'],
    ['an id with a NUL', { direction: branch('a\0') }, 'NUL'],
    ['an update of nothing', { assetUpdates: [update, {}] }, 'asset_updates[1]'],
    ['an update of a nameless asset', { assetUpdates: [{ asset: {} }] }, 'name or URI'],
    ['a reserved URI', { assetUpdates: [{ asset: { uri: 'Airflow:x' } }] }, 'reserved'],
    ['an extra that is a list', { assetUpdates: [{ ...update, extraJson: '[]' }] }, 'object'],
    ['an extra that is not JSON', { assetUpdates: [{ ...update, extraJson: '{' }] }, 'object'],
    [
      'an extra that is too large',
      { assetUpdates: [{ ...update, extraJson: `{"a":"${'x'.repeat(65_536)}"}` }] },
      'extra_json',
    ],
    ['too many updates', { assetUpdates: Array(1_001).fill(update) }, '1001'],
  ])('with %s is recorded as a failure that says so', (_, more, word) => {
    const judged = judge(more);
    expect(judged.refused).toContain(word);
    expect(judged.outcome).toMatchObject({
      end: AttemptEnd.FAILED,
      error: { message: judged.refused },
    });
  });
});

describe('what somebody maps over', () => {
  const returned = (valueJson: string) => ({ xcoms: [{ key: 'return_value', valueJson }] });

  test.each([
    ['[1,[2,3]]', 2],
    ['{"a":1}', 1],
    ['"text"', -1],
    ['null', undefined],
  ])('is counted when %s is returned', (valueJson, mapLength) => {
    const { outcome, errand } = judge(returned(valueJson), { isMappedOver: true });
    expect(outcome.mapLength).toBe(mapLength);
    expect(errand).toBeUndefined();
  });

  test('is looked up when the report does not bring it', () => {
    const { outcome, errand } = judge({}, { isMappedOver: true });
    expect(outcome.mapLength).toBeUndefined();
    expect(errand).toEqual({ kind: 'length' });
  });

  test('is not counted when nobody does', () => {
    const { outcome, errand } = judge(returned('[1]'));
    expect(outcome.mapLength).toBeUndefined();
    expect(errand).toBeUndefined();
  });

  test('is counted to be safe when the lease was not seen here', () => {
    expect(judge(returned('[1]'), { isMappedOver: undefined }).outcome.mapLength).toBe(1);
    expect(judge({}, { isMappedOver: undefined }).errand).toEqual({ kind: 'length' });
  });
});

describe('a task that waits', () => {
  const deferred = { outcome: Outcome.DEFERRED };
  const awaiting = (humanInput: object) => ({
    outcome: Outcome.AWAITING_INPUT,
    awaitInput: { humanInput: { ...question, ...humanInput } },
  });
  const rescheduled = (ms: number) => ({
    outcome: Outcome.RESCHEDULED,
    rescheduleAt: toTimestamp(ms),
  });

  test('keeps what it pushed until now', () => {
    const xcoms = [{ key: 'k', valueJson: '1' }];
    const { outcome, errand } = judge({ ...rescheduled(nowMs), xcoms });
    expect(outcome.xcoms).toBeUndefined();
    expect(errand).toMatchObject({ kind: 'push', xcoms });
  });

  test('gives its trigger, timeout and state back as they came', () => {
    const defer = { trigger: timer, timeout: toDuration(dayMs), method: 'm', stateJson: '{"a":1}' };
    expect(judge({ ...deferred, defer }).outcome.defer).toMatchObject(defer);
  });

  test('may ask to be run again at once, or in a year', () => {
    expect(judge(rescheduled(nowMs - dayMs)).refused).toBeUndefined();
    expect(judge(rescheduled(nowMs + 365 * dayMs)).refused).toBeUndefined();
  });

  test.each([
    ['for nothing', deferred, 'defer'],
    ['for a trigger of no kind', { ...deferred, defer: { trigger: {} } }, 'defer.trigger'],
    ['without a trigger', { ...deferred, defer: {} }, 'defer.trigger'],
    [
      'for a URL that is none',
      { ...deferred, defer: { trigger: { kind: { case: 'http', value: { url: 'ftp://x' } } } } },
      'http.url',
    ],
    [
      'with a state above 256 KiB',
      { ...deferred, defer: { trigger: timer, stateJson: `"${'x'.repeat(262_144)}"` } },
      'state_json',
    ],
    [
      'with a state that is not JSON',
      { ...deferred, defer: { trigger: timer, stateJson: '{' } },
      'state_json',
    ],
    [
      'with a method that is too long',
      { ...deferred, defer: { trigger: timer, method: 'x'.repeat(1_001) } },
      'method',
    ],
    [
      'for a negative time',
      { ...deferred, defer: { trigger: timer, timeout: toDuration(-1000) } },
      'span',
    ],
    [
      'for a century',
      { ...deferred, defer: { trigger: timer, timeout: toDuration(36_600 * dayMs) } },
      'span',
    ],
    ['with no date', { outcome: Outcome.RESCHEDULED }, 'reschedule_at'],
    ['for more than a year', rescheduled(nowMs + 367 * dayMs), 'more than a year'],
    ['until beyond the calendar', rescheduled(1e15), 'years'],
    ['with no question', { outcome: Outcome.AWAITING_INPUT }, 'await_input'],
    ['with a question without options', awaiting({ options: [] }), 'options'],
    ['with a strange default', awaiting({ defaults: ['Perhaps'] }), 'Perhaps'],
    ['with two defaults of one choice', awaiting({ defaults: ['Approve', 'Reject'] }), 'several'],
    ['with params that are a list', awaiting({ paramsJson: '[]' }), 'params'],
    ['with a schema that is not JSON', awaiting({ paramsSchemaJson: '{' }), 'schema'],
    [
      'and pushes what is not JSON',
      { ...rescheduled(nowMs), xcoms: [{ key: 'k', valueJson: '{' }] },
      'JSON',
    ],
  ])('%s is recorded as a failure that says so', (_, more, word) => {
    const judged = judge(more);
    expect(judged.refused).toContain(word);
    expect(judged.outcome).toMatchObject({
      end: AttemptEnd.FAILED,
      error: { reason: FailureReason.LIMIT },
    });
    expect(judged.errand).toBeUndefined();
  });
});
