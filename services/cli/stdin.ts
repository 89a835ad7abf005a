// Secrets and long values come through stdin, where neither `ps` nor the shell's history sees them.
import { fail } from '#kernel/errors/errors.ts';
import type { Context } from './context.ts';

/** Longest value that is read, in bytes: that of a variable in the contract. */
const BYTES_MAX = 262_144;

/** Reads stdin to its end, without the line feed that `echo` and editors put there. */
export async function readSecret({ screen, signal }: Context): Promise<string> {
  if (process.stdin.isTTY) screen.say('Type it, then Enter and Ctrl-D (it is shown while typed):');
  const abort = (): void => void process.stdin.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const chunks: Buffer[] = [];
    let bytesCount = 0;
    for await (const chunk of process.stdin) {
      chunks.push(chunk);
      bytesCount += chunk.length;
      if (bytesCount > BYTES_MAX) {
        throw fail('message_too_large', `What comes from stdin is longer than ${BYTES_MAX} bytes.`);
      }
    }
    return Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
