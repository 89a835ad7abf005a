// Secrets in every form they are likely to be printed in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Connection } from '../../task/context.ts';
import { createLineSplitter } from './line-splitter.ts';
import { maskOf } from './mask.ts';

function aConnection(connection: Partial<Connection>): Connection {
  const empty = { connId: 'c', connType: '', host: '', schema: '', login: '', password: '' };
  return { ...empty, port: undefined, extra: {}, ...connection };
}

const maskPassword = (password: string) => maskOf([aConnection({ password })]);

const passwords = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' });
const neighbours = fc.string({ maxLength: 10, unit: 'grapheme' });

test('a password is hidden plain, in JSON, URLs and base64, whatever stands around it', () => {
  fc.assert(
    fc.property(passwords, neighbours, neighbours, (password, before, after) => {
      const mask = maskPassword(password);
      const whole = `${before}${password}${after}`;
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      const middle = base64(whole).slice(
        Math.ceil((Buffer.byteLength(before) * 4) / 3) + 3,
        Math.floor((Buffer.byteLength(before + password) * 4) / 3) - 3,
      );
      expect(mask.apply(whole)).not.toContain(password);
      expect(mask.apply(JSON.stringify(whole))).not.toContain(
        JSON.stringify(password).slice(1, -1),
      );
      expect(mask.apply(encodeURIComponent(whole))).not.toContain(encodeURIComponent(password));
      if (middle.length >= 6) expect(mask.apply(base64(whole))).not.toContain(middle);
    }),
    { numRuns: 300 },
  );
});

test('what stands under a sensitive key of extra is hidden, and nothing else', () => {
  const extra = { region: 'eu-central', auth: { api_key: 'k-12345', secret: { deep: 'd-67890' } } };
  const mask = maskOf([aConnection({ extra })]);
  expect(mask.apply('eu-central k-12345 d-67890')).toBe('eu-central *** ***');
});

test('a password that is part of another is hidden with it', () => {
  const mask = maskOf([
    aConnection({ password: 'hunter2' }),
    aConnection({ password: 'hunter2-and-more' }),
  ]);
  expect(mask.apply('hunter2-and-more hunter2')).toBe('*** ***');
});

test('a password of a few letters does not black out the log', () => {
  expect(maskPassword('abc').apply('abc')).toBe('abc');
});

test('a password is found wherever the chunks of output were cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }), (cuts) => {
      const password = 'correct horse battery';
      const text = `sign in with ${password} or not\nnext ${password}\n`;
      const splitter = createLineSplitter(() => maskPassword(password));
      const bounds = [0, ...cuts.sort((a, b) => a - b), text.length];
      const lines = bounds.flatMap((from, index) =>
        splitter.push(text.slice(from, bounds[index + 1] ?? from)),
      );
      expect([...lines, ...splitter.end()].join('\n')).toBe('sign in with *** or not\nnext ***');
    }),
  );
});

test('a password is found even where an endless line has to be cut', () => {
  const password = 'correct horse battery';
  fc.assert(
    fc.property(fc.integer({ min: 32_600, max: 32_900 }), (paddingLength) => {
      const splitter = createLineSplitter(() => maskPassword(password));
      const lines = [
        ...splitter.push('x'.repeat(paddingLength) + password.slice(0, 9)),
        ...splitter.push(password.slice(9) + 'y'.repeat(40_000)),
        ...splitter.end(),
      ];
      const whole = lines.join('');
      expect(whole).toBe(`${'x'.repeat(paddingLength)}***${'y'.repeat(40_000)}`);
    }),
    { numRuns: 50 },
  );
});

test('characters of several bytes survive a cut in their middle', () => {
  const splitter = createLineSplitter(() => maskPassword(''));
  const bytes = Buffer.from('naïve 🌦\n');
  const lines = [...bytes].flatMap((byte) => splitter.push(Uint8Array.of(byte)));
  expect(lines).toEqual(['naïve 🌦']);
});
