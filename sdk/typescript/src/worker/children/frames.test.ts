// Frames of the line pipe, however the pipe cuts them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameReader } from './frames.ts';

function readAll(chunks: readonly Buffer[]): [number, string][] {
  const frames: [number, string][] = [];
  const read = createFrameReader((seq, line) => void frames.push([seq, line.toString()]));
  for (const chunk of chunks) read(chunk);
  return frames;
}

test('frames come out as they went in, wherever the chunks were cut', () => {
  const frames = fc.array(fc.tuple(fc.nat(), fc.json()), { maxLength: 20 });
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 50 }), (written, chunkLength) => {
      const bytes = Buffer.from(written.map(([seq, json]) => `${seq} ${json}\n`).join(''));
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += chunkLength) {
        chunks.push(bytes.subarray(at, at + chunkLength));
      }
      expect(readAll(chunks)).toEqual(written.map(([seq, json]) => [seq, `${json}\n`]));
    }),
  );
});

test('what is no frame is passed over', () => {
  expect(readAll([Buffer.from('noise\n 1 x\n2 {}\nNaN {}\n')])).toEqual([[2, '{}\n']]);
});

test('a line without an end does not fill the memory', () => {
  const endless = Buffer.alloc(3 * 1024 * 1024, 'x');
  expect(readAll([endless, endless, endless, Buffer.from('\n7 {}\n')])).toEqual([[7, '{}\n']]);
});
