// Checks of what others wrote end, and a busy machine is not held against them.
import { expect, test, vi } from 'vitest';
import { checkBounded, TookTooLong } from './bounded-check.ts';

const CPU_MS_MAX = 20;

function spin(): never {
  for (;;);
}

test('a check answers what it finds, or throws what it meets', () => {
  expect(checkBounded(CPU_MS_MAX, () => 'fits')).toBe('fits');
  expect(() =>
    checkBounded(CPU_MS_MAX, () => {
      throw new RangeError('too deep');
    }),
  ).toThrow(RangeError);
});

test('a check without end is stopped', () => {
  expect(() => checkBounded(CPU_MS_MAX, spin)).toThrow(TookTooLong);
});

test('a check that had no turn begins anew, with more time', () => {
  // A thread that stands still uses the clock on the wall, and no CPU.
  const cpu = vi.spyOn(process, 'threadCpuUsage').mockReturnValue({ user: 0, system: 0 });
  let begins = 0;
  const answer = checkBounded(CPU_MS_MAX, () => {
    begins += 1;
    return begins < 3 ? spin() : 'fits';
  });
  cpu.mockRestore();
  expect({ answer, begins }).toEqual({ answer: 'fits', begins: 3 });
});
