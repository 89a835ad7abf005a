// What workers say, made fit for schedulers and back: reports, arguments, texts, messages.
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptReportSchema, FailureReason, Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { takeFrame } from './frames.ts';
import { mergeInputs } from './inputs.ts';
import { XCOM_SIZE_MAX } from './limits.ts';
import { judgeReport } from './report.ts';
import { cutBytes, cutText } from './text.ts';

const name = { attemptId: 'a', epoch: 7n, partition: 1, dagRunId: 'r' };
const reportOf = (report: object) =>
  create(AttemptReportSchema, { attemptToken: 't', outcome: Outcome.SUCCESS, ...report });

describe('a report', () => {
  test.each([
    [Outcome.SUCCESS, AttemptEnd.SUCCESS],
    [Outcome.FAILED, AttemptEnd.FAILED],
    [Outcome.SKIPPED, AttemptEnd.SKIPPED],
    [Outcome.REJECTED, AttemptEnd.REJECTED],
    [Outcome.CANCELLED, AttemptEnd.CANCELLED],
  ])('of outcome %i is recorded as end %i', (outcome, end) => {
    expect(judgeReport(name, reportOf({ outcome })).outcome).toMatchObject({
      attemptId: 'a',
      epoch: 7n,
      end,
    });
  });

  test('of an outcome that is unknown here fails and says so', () => {
    const judged = judgeReport(name, reportOf({ outcome: 99 }));
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
    expect(judgeReport(name, reportOf({ xcoms })).outcome.xcoms).toMatchObject([
      { key: 'k', valueJson: '2' },
    ]);
  });

  test.each([
    ['as large as allowed', XCOM_SIZE_MAX, true],
    ['one byte larger', XCOM_SIZE_MAX + 1, false],
  ])('with a value %s', (_, size, isTaken) => {
    // Two bytes per letter: the limit counts bytes, not letters.
    const letters = 'ä'.repeat((size - 2) / 2) + (size % 2 === 0 ? '' : 'x');
    const judged = judgeReport(
      name,
      reportOf({ xcoms: [{ key: 'k', valueJson: `"${letters}"` }] }),
    );
    expect(judged.refused === undefined).toBe(isTaken);
  });

  test('whose values are too large together is refused', () => {
    const valueJson = `"${'x'.repeat(250_000)}"`;
    const xcoms = Array.from({ length: 13 }, (_, index) => ({ key: `k${index}`, valueJson }));
    expect(judgeReport(name, reportOf({ xcoms })).refused).toContain('together');
  });

  test('of a failure brings no values', () => {
    const report = reportOf({ outcome: Outcome.FAILED, xcoms: [{ key: 'k', valueJson: '1' }] });
    expect(judgeReport(name, report).outcome.xcoms).toBeUndefined();
  });
});

describe('arguments', () => {
  const value = fc.jsonValue().map((json) => JSON.stringify(json));
  const argument = fc.string({ minLength: 1 }).filter((key) => key !== '__proto__');

  test('are those of the scheduler and those from tasks before, for any values', () => {
    fc.assert(
      fc.property(
        fc.dictionary(argument, value),
        fc.dictionary(argument, value),
        (literals, pushed) => {
          const literalsJson = `{${Object.entries(literals)
            .map(([key, json]) => `${JSON.stringify(key)}: ${json}`)
            .join(' , ')}}`;
          const values = Object.entries(pushed).map(([key, valueJson]) => ({
            name: key,
            valueJson,
          }));
          const parsed = (all: Record<string, string>) =>
            Object.fromEntries(Object.entries(all).map(([key, json]) => [key, JSON.parse(json)]));
          expect(JSON.parse(mergeInputs(literalsJson, values))).toEqual({
            ...parsed(literals),
            ...parsed(pushed),
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  test('that nobody has pushed are null', () => {
    expect(mergeInputs(' { } ', [{ name: 'a"b', valueJson: undefined }])).toBe('{"a\\"b":null}');
  });
});

describe('a text that is cut', () => {
  test('has at most so many bytes, is well formed, and begins as it was', () => {
    const text = fc.string({ unit: 'binary', maxLength: 50 });
    fc.assert(
      fc.property(text, fc.nat(80), (whole, bytesMax) => {
        const cut = cutBytes(whole, bytesMax);
        expect(Buffer.byteLength(cut.replaceAll('\uFFFD', '\0'))).toBeLessThanOrEqual(
          Math.max(bytesMax, 0),
        );
        expect(cut.isWellFormed()).toBe(true);
        expect(whole.replaceAll('\0', '\uFFFD').startsWith(cut)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('never ends in half a character, and holds no NUL', () => {
    expect(cutText('ab😀', 3)).toBe('ab\uFFFD');
    expect(cutText('a\0b', 10)).toBe('a\uFFFDb');
  });
});

describe('a message', () => {
  const options = { sizeOf: (size: number) => size, sizeMax: 10, countMax: 3 };

  test('takes items until it is full, and always at least one', () => {
    const items = [4, 4, 4, 99, 1, 1, 1, 1];
    const frames: number[][] = [];
    while (items.length > 0) frames.push(takeFrame(items, options));
    expect(frames).toEqual([[4, 4], [4], [99], [1, 1, 1], [1]]);
    expect(takeFrame(items, options)).toEqual([]);
  });
});
