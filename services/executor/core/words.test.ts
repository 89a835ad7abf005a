// What workers say and hear, made fit for storing and sending: texts and messages.
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { leaseSize, takeFrame } from './frames.ts';
import { cutBytes, cutText } from './text.ts';

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

describe('the size of a lease', () => {
  const large = 'x'.repeat(200_000);

  test.each([
    ['arguments', { inputsJson: large }],
    ['params', { paramsJson: large }],
    ['what it goes on with', { resume: { stateJson: large } }],
    ['events of assets', { triggeringAssetEvents: [{ extraJson: large }] }],
    ['outlets', { outlets: [{ kind: { case: 'alias' as const, value: large } }] }],
  ])('counts its %s', (_, lease) => {
    expect(leaseSize(create(LeaseSchema, lease))).toBeGreaterThan(200_000);
  });
});
