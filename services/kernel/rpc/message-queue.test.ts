// How pushed messages reach a reader: in order, bounded, and with one end.
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../errors/errors.ts';
import { createMessageQueue } from './message-queue.ts';

describe('a message queue', () => {
  it('gives what was pushed in order, whether the reader was there first or not', async () => {
    const queue = createMessageQueue<number>({ messagesMax: 5_000 });
    const first = queue.next();
    for (let index = 0; index < 5_000; index += 1) queue.push(index);
    queue.end();
    const read = [(await first).value];
    for await (const message of queue) read.push(message);
    expect(read).toEqual(Array.from({ length: 5_000 }, (_, index) => index));
  });

  it('refuses more than may wait, and takes more once one was read', async () => {
    const queue = createMessageQueue<string>({ messagesMax: 1 });
    queue.push('a');
    expect(reasonOf(failureOf(() => queue.push('b')))).toBe('queue_full');
    await queue.next();
    queue.push('c');
    expect((await queue.next()).value).toBe('c');
  });

  it('tells of an error once, after what still waits', async () => {
    const queue = createMessageQueue<string>({ messagesMax: 10 });
    queue.push('a');
    queue.end(new Error('broken'));
    queue.push('too late');
    expect((await queue.next()).value).toBe('a');
    await expect(queue.next()).rejects.toThrow('broken');
    expect((await queue.next()).done).toBe(true);
  });

  it('drops what waits when it is aborted, also after its end was announced', async () => {
    for (const isEnding of [false, true]) {
      const queue = createMessageQueue<string>({ messagesMax: 10 });
      queue.push('a');
      if (isEnding) queue.end();
      queue.abort(new Error('gone'));
      await expect(queue.next()).rejects.toThrow('gone');
    }
  });

  it('frees a reader that waits when it is aborted, ended or left', async () => {
    const aborted = createMessageQueue<string>({ messagesMax: 10 });
    const waiting = aborted.next();
    aborted.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const left = createMessageQueue<string>({ messagesMax: 10 });
    const other = left.next();
    await left.return?.();
    expect((await other).done).toBe(true);
    left.push('nobody reads this');
    expect(left.size).toBe(0);
  });
});

function failureOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
