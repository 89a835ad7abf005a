// Lines of a task's log as JSON, never longer than allowed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineJson } from './line.ts';

test('a line is one JSON object with its line feed', () => {
  const [text = ''] = lineJson({ level: 'info', stream: 'stdout', message: 'a\n"b"' }, 1_000);
  expect(text.endsWith('\n')).toBe(true);
  expect(text.trimEnd()).not.toContain('\n');
  expect(JSON.parse(text)).toMatchObject({ level: 'info', stream: 'stdout', message: 'a\n"b"' });
});

test('a message that is too long is told in several lines, whole and within the limit', () => {
  const messages = fc.string({ maxLength: 2_000, unit: 'grapheme' });
  fc.assert(
    fc.property(messages, (message) => {
      const texts = lineJson({ level: 'error', stream: 'task', message }, 400);
      expect(texts.every((text) => Buffer.byteLength(text) <= 400)).toBe(true);
      expect(texts.map((text) => JSON.parse(text).message).join('')).toBe(message);
    }),
  );
});
