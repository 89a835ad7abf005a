// What starts can stop: twice, before it started, and after it could not start.
import { describe, expect, it } from 'vitest';
import { composeParts, type Part } from './lifecycle.ts';

describe('parts as one', () => {
  it('start in order and stop in reverse', async () => {
    const seen: string[] = [];
    const whole = composeParts('whole', [aPart('a', seen), aPart('b', seen), aPart('c', seen)]);
    await whole.start();
    await whole.stop();
    expect(seen).toEqual(['+a', '+b', '+c', '-c', '-b', '-a']);
  });

  it('stop twice, and before they start, without doing anything twice', async () => {
    const seen: string[] = [];
    const whole = composeParts('whole', [aPart('a', seen)]);
    await whole.stop();
    await whole.start();
    await Promise.all([whole.stop(), whole.stop()]);
    await whole.stop();
    expect(seen).toEqual(['+a', '-a']);
  });

  it('may start again after they were stopped', async () => {
    const seen: string[] = [];
    const whole = composeParts('whole', [aPart('a', seen)]);
    await whole.start();
    await whole.stop();
    await whole.start();
    expect(seen).toEqual(['+a', '-a', '+a']);
  });

  it('are stopped when one of them cannot start, that one too', async () => {
    const seen: string[] = [];
    const bad = { ...aPart('b', seen), start: () => Promise.reject(new Error('port taken')) };
    const whole = composeParts('whole', [aPart('a', seen), bad, aPart('c', seen)]);
    await expect(whole.start()).rejects.toThrow('port taken');
    expect(seen).toEqual(['+a', '-b', '-a']);
  });

  it('are all stopped even when one of them fails to', async () => {
    const seen: string[] = [];
    const bad = { ...aPart('b', seen), stop: () => Promise.reject(new Error('stuck')) };
    const whole = composeParts('whole', [aPart('a', seen), bad, aPart('c', seen)]);
    await whole.start();
    await expect(whole.stop()).rejects.toThrow('stuck');
    expect(seen).toEqual(['+a', '+b', '+c', '-c', '-a']);
  });

  it('stopped while they start tell the one that is starting, and begin no other', async () => {
    const seen: string[] = [];
    const told = Promise.withResolvers<void>();
    const slow: Part = {
      name: 'a',
      start: () => told.promise,
      stop: async () => {
        seen.push('-a');
        told.resolve();
      },
    };
    const whole = composeParts('whole', [slow, aPart('b', seen)]);
    await Promise.all([whole.start(), whole.stop()]);
    // Told to end early, and ended for good once it had started after all.
    expect(seen).toEqual(['-a', '-a']);
  });
});

function aPart(name: string, seen: string[]): Part {
  return {
    name,
    start: async () => void seen.push(`+${name}`),
    stop: async () => void seen.push(`-${name}`),
  };
}
