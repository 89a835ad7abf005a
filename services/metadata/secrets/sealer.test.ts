// Sealed values open only with a key of the installation, and only where they were stored.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealer } from './sealer.ts';

const [oldKey, newKey, foreignKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const place = { table: 'connection', row: 'warehouse', field: 'password' };

describe('a sealed value', () => {
  test('opens to what was sealed, whatever the text', () => {
    const sealer = createSealer([newKey]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(sealer.open(sealer.seal(text, place), place)).toBe(text);
      }),
    );
  });

  test('shows nothing of its text, and differs each time', () => {
    const sealer = createSealer([newKey]);
    const [one, two] = [sealer.seal('hunter2hunter2', place), sealer.seal('hunter2hunter2', place)];
    expect(one.includes('hunter2')).toBe(false);
    expect(one.equals(two)).toBe(false);
  });

  test('does not open in another row, field or table', () => {
    const sealer = createSealer([newKey]);
    const sealed = sealer.seal('secret', place);
    for (const other of [{ row: 'lake' }, { field: 'extra' }, { table: 'variable' }]) {
      expect(() => sealer.open(sealed, { ...place, ...other })).toThrow('altered');
    }
  });

  test('does not open when any byte of it was changed', () => {
    const sealer = createSealer([newKey]);
    const sealed = sealer.seal('secret', place);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => sealer.open(changed, place)).toThrow();
    }
  });

  test('that is cut short does not open', () => {
    const sealer = createSealer([newKey]);
    const sealed = sealer.seal('secret', place);
    for (const length of [0, 1, 5, 40, sealed.length - 1]) {
      expect(() => sealer.open(sealed.subarray(0, length), place)).toThrow();
    }
  });
});

describe('rotation', () => {
  test('what the old key sealed opens while that key is still listed, and counts as old', () => {
    const sealed = createSealer([oldKey]).seal('secret', place);
    const both = createSealer([newKey, oldKey]);
    expect(both.open(sealed, place)).toBe('secret');
    expect(both.isOld(sealed)).toBe(true);
    expect(both.isOld(both.seal('secret', place))).toBe(false);
  });

  test('a key that is not listed opens nothing, and the error says what to do', () => {
    const sealed = createSealer([foreignKey]).seal('secret', place);
    expect(() => createSealer([newKey]).open(sealed, place)).toThrow('DAGMESH_SECRET_KEY');
  });
});
