// Output that did not pass through the child's own JavaScript: programs a task started, native
// code, a dying Node.
import type { AttemptLog } from '../logs/attempt-log.ts';
import { lineJson } from '../logs/line.ts';
import { createLineSplitter } from '../logs/line-splitter.ts';
import type { Mask } from '../logs/mask.ts';
import { saysHeapFull } from './exit-words.ts';

/** The raw output of one attempt. */
export type RawOutput = {
  /** Adds bytes; false asks the child to wait. */
  push(stream: 'stdout' | 'stderr', bytes: Uint8Array): boolean;
  /** Writes what had no final line feed. */
  end(): void;
  /** Whether V8 has said that the heap is full. */
  isHeapFull(): boolean;
};

/** Turns raw output into masked lines of a log, at most `lineBytesMax` each. */
export function createRawOutput(log: AttemptLog, mask: Mask, lineBytesMax: number): RawOutput {
  const splitters = {
    stdout: createLineSplitter(() => mask),
    stderr: createLineSplitter(() => mask),
  };
  let isFull = false;

  const write = (stream: 'stdout' | 'stderr', lines: readonly string[]): boolean => {
    const level = stream === 'stdout' ? 'info' : 'error';
    let goOn = true;
    for (const message of lines) {
      isFull ||= stream === 'stderr' && saysHeapFull(message);
      for (const text of lineJson({ level, stream, message }, lineBytesMax)) {
        goOn = log.append(Buffer.from(text)) && goOn;
      }
    }
    return goOn;
  };

  return {
    push: (stream, bytes) => write(stream, splitters[stream].push(bytes)),
    end: () => {
      write('stdout', splitters.stdout.end());
      write('stderr', splitters.stderr.end());
    },
    isHeapFull: () => isFull,
  };
}
