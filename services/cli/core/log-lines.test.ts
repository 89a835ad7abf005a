// Log lines survive being cut anywhere, and are readable whatever is in them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectLines, readableLine } from './log-lines.ts';

describe('lines', () => {
  test('come out whole however their bytes are cut', () => {
    const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 8 });
    const lines = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')),
    );
    fc.assert(
      fc.property(lines, cuts, (written, at) => {
        const bytes = Buffer.from(written.map((line) => `${line}\n`).join(''));
        const edges = [0, ...at, bytes.length].sort((a, b) => a - b);
        const collector = collectLines();
        const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        const read = [...pieces.flatMap((piece) => collector.add(piece)), ...collector.end()];
        expect(read).toEqual(written);
      }),
    );
  });

  test('without an end are kept until the log ends', () => {
    const collector = collectLines();
    expect(collector.add(Buffer.from('half'))).toEqual([]);
    expect(collector.end()).toEqual(['half']);
  });

  test('too long to hold are shown in pieces', () => {
    const collector = collectLines();
    expect(collector.add(Buffer.alloc(2_000_000, 'x'))).toHaveLength(1);
    expect(collector.end()).toEqual([]);
  });
});

describe('a line', () => {
  const line = (fields: object) => readableLine(JSON.stringify(fields)).replace(/^[\d:.-]+ /, '');

  test('shows its level, its message and what else it carries', () => {
    const time = '2026-01-31T09:00:00.000Z';
    const fields = { time, level: 'warning', stream: 'task', message: 'slow', rows: 3 };
    expect(line(fields)).toBe('WARNING slow rows=3');
  });

  test('of another form is shown as it is', () => {
    expect(readableLine('plain text')).toBe('plain text');
    expect(readableLine('[1]')).toBe('[1]');
  });

  test('cannot command the terminal', () => {
    expect(line({ message: '\u001b[2Jgone' })).toBe('INFO  \\x1b[2Jgone');
    expect(readableLine('\u001b]0;title\u0007')).toBe('\\x1b]0;title\\x07');
  });
});
