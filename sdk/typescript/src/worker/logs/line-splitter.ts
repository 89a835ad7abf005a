// Joins chunks of output to whole lines, so that a secret cut in two by a chunk's border is still
// found.
import { StringDecoder } from 'node:string_decoder';
import type { Mask } from './mask.ts';

/** A line without any line feed is handed on in pieces of about this many characters. */
const LINE_LENGTH_MAX = 32_768;

/** Splits a stream of output into masked lines. */
export type LineSplitter = {
  /** The lines that are complete with this chunk. */
  push(chunk: Uint8Array | string): string[];
  /** What is left at the end of the stream. */
  end(): string[];
};

/** A splitter for one stream of one attempt; `mask` may change while it runs. */
export function createLineSplitter(mask: () => Mask): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let open = '';

  const take = (text: string): string[] => {
    const lines = (open + text).split('\n');
    open = lines.pop() ?? '';
    const complete = lines.map((line) =>
      mask().apply(line.endsWith('\r') ? line.slice(0, -1) : line),
    );
    return [...complete, ...cutOpen()];
  };

  /** Keeps as much of an overlong line as an unfinished secret may need. */
  const cutOpen = (): string[] => {
    if (open.length < LINE_LENGTH_MAX + mask().lengthMax) return [];
    const masked = mask().apply(open);
    const cut = masked.length - mask().lengthMax;
    open = masked.slice(cut);
    return [masked.slice(0, cut)];
  };

  return {
    push: (chunk) => take(typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))),
    end: () => {
      const lines = take(decoder.end());
      const rest = open;
      open = '';
      return rest === '' ? lines : [...lines, mask().apply(rest)];
    },
  };
}
