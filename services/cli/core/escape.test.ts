// Hostile text is shown, never obeyed.
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { asJson, asYaml } from './document.ts';
import { visible, visibleLines } from './escape.ts';

/** Each is known to move, hide, recolour or reverse what a terminal shows. */
const HOSTILE = ['\x1b[2J', '\x1b]0;title\x07', '\x9b31m', '\r', '\b', '\x7f', '\u202e', '\u2066'];

describe('text that a terminal would obey', () => {
  test.each(HOSTILE)('%j is harmless in cells, lines, JSON and YAML', (text) => {
    const texts = [visible(text), visibleLines(text), asJson({ text }), asYaml({ text })];
    for (const shown of texts) {
      for (const character of text) {
        if (!/[ -~]/.test(character)) expect(shown).not.toContain(character);
      }
    }
  });

  test.each(HOSTILE)('%j reads back equal from JSON and YAML', (text) => {
    expect(JSON.parse(asJson({ [text]: text }))).toEqual({ [text]: text });
    expect(parse(asYaml({ [text]: text }))).toEqual({ [text]: text });
  });

  test('keeps its lines and tabs in logs, but not in cells', () => {
    expect(visibleLines('a\n\tb')).toBe('a\n\tb');
    expect(visible('a\n\tb')).toBe('a\\n\\tb');
  });

  test('shows an escape by its number', () => {
    expect(visible('\x1b[31mred')).toBe('\\x1b[31mred');
    expect(visible('abc\u202edef')).toBe('abc\\u202edef');
  });

  test('leaves every other language alone', () => {
    expect(visible('größer 注意 🚀 مرحبا')).toBe('größer 注意 🚀 مرحبا');
  });
});
