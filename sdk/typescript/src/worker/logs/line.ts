// The form of a task's log: one JSON object a line, `{"time","level","stream","message"}`.
import { nowIso } from '../clock.ts';

/** How serious a line is. */
export type Level = 'debug' | 'info' | 'warning' | 'error';

/** Where a line comes from: the console or log of the task, its pipes, or the worker itself. */
export type LineSource = 'stdout' | 'stderr' | 'task' | 'worker';

/** What a line says. */
export type Line = { readonly level: Level; readonly stream: LineSource; readonly message: string };

/**
 * The line as JSON with its line feed, in several lines when it would be longer than `bytesMax` (of
 * UTF-8, escapes included).
 */
export function lineJson(line: Line, bytesMax: number): string[] {
  const { level, stream, message } = line;
  const text = `${JSON.stringify({ time: nowIso(), level, stream, message })}\n`;
  if (text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax || message.length < 2) {
    return [text];
  }
  return halves(message).flatMap((half) => lineJson({ ...line, message: half }, bytesMax));
}

/** Cuts between two characters, never inside a surrogate pair. */
function halves(text: string): [string, string] {
  const middle = text.length >> 1;
  const code = text.charCodeAt(middle);
  const cut = code >= 0xdc00 && code <= 0xdfff ? middle + 1 : middle;
  return [text.slice(0, cut), text.slice(cut)];
}
