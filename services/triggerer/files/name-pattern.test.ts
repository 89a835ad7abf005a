// Which names a pattern matches, and that none takes long to say so.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namePattern } from './name-pattern.ts';

describe('a pattern of names', () => {
  it('matches what a regular expression of the same meaning matches', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '*', '?'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (wanted, name) => {
        const source = wanted.replaceAll('*', '.*').replaceAll('?', '.');
        expect(namePattern(wanted)(name)).toBe(new RegExp(`^${source}$`, 'su').test(name));
      }),
    );
  });

  it('takes the signs of regular expressions for themselves', () => {
    expect(namePattern('x[1]{2}.*')('x[1]{2}.csv')).toBe(true);
    expect(namePattern('a.c')('abc')).toBe(false);
  });

  it('with many stars does not stand still over a long name', () => {
    const isMatch = namePattern(`${'*a'.repeat(40)}b`);
    expect(isMatch('a'.repeat(250))).toBe(false);
  }, 20_000);
});
