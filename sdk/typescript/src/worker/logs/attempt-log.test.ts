// One attempt's log between the child that writes it and the mesh that stores it.
import { expect, test } from 'vitest';
import { AttemptLog, type LogLimits } from './attempt-log.ts';

const TEN = Buffer.from('123456789\n');

function aLog(limits: Partial<LogLimits> = {}): AttemptLog {
  const attempt = { attemptId: 'a', token: 't' };
  return new AttemptLog(
    attempt,
    { sizeMax: 10_000_000, chunkBytesMax: 25, ...limits },
    () => undefined,
  );
}

function piecesOf(log: AttemptLog): [number, number][] {
  const pieces: [number, number][] = [];
  for (let piece = log.next(); piece !== undefined; piece = log.next()) {
    pieces.push([piece.offset, piece.content.length]);
  }
  return pieces;
}

test('lines travel in pieces of whole lines, each with its offset', () => {
  const log = aLog();
  for (let count = 0; count < 5; count += 1) log.append(TEN);
  expect(piecesOf(log)).toEqual([
    [0, 20],
    [20, 20],
    [40, 10],
  ]);
  expect(piecesOf(log)).toEqual([]);
});

test('after a break what is not stored goes again from where the store ends', () => {
  const log = aLog();
  for (let count = 0; count < 5; count += 1) log.append(TEN);
  piecesOf(log);
  expect(log.stored(20)).toBe(true);
  log.rewind();
  expect(piecesOf(log)).toEqual([
    [20, 20],
    [40, 10],
  ]);
});

test('a log is done when it is closed and stored', () => {
  const log = aLog();
  log.append(TEN);
  piecesOf(log);
  log.close();
  expect(log.isDone).toBe(false);
  log.stored(10);
  expect(log.isDone).toBe(true);
});

test('a mesh that lost what it had stored cannot be helped', () => {
  const log = aLog();
  log.append(TEN);
  piecesOf(log);
  log.stored(10);
  expect(log.stored(0)).toBe(false);
});

test('a writer is asked to wait at a mebibyte and called when there is room', () => {
  const log = aLog({ chunkBytesMax: 1024 * 1024 });
  const line = Buffer.alloc(64 * 1024, 'x');
  let calls = 0;
  log.onRoom(() => {
    calls += 1;
  });
  let count = 1;
  while (log.append(line)) count += 1;
  expect(count * line.length).toBe(1024 * 1024);
  piecesOf(log);
  log.stored(log.size);
  expect(calls).toBe(1);
});

test('beyond its limit a log says so once and takes nothing more', () => {
  const log = aLog({ sizeMax: 600, chunkBytesMax: 1000 });
  for (let count = 0; count < 50; count += 1) log.append(TEN);
  const text = log.next()?.content.toString() ?? '';
  expect(log.size).toBeLessThanOrEqual(600);
  expect(text.match(/what follows is dropped/g)).toHaveLength(1);
  expect(text.startsWith('123456789\n'.repeat(8))).toBe(true);
});
