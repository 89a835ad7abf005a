// Puts the pieces of a task's log together to lines, and shows a line to a person.
import { visibleJson, visibleLines } from './escape.ts';
import { type Colour, type Paint, plain } from './paint.ts';

/** A longer line is shown in pieces of this size, in characters: a log is bounded in memory. */
const LINE_LENGTH_MAX = 1_048_576;

/** Collects chunks that may begin and end anywhere, also inside a character. */
export type LineCollector = {
  /** The lines that a chunk completes. */
  add(chunk: Uint8Array): readonly string[];
  /** What is left when the log ends without a line feed. */
  end(): readonly string[];
};

/** Starts an empty collector. */
export function collectLines(): LineCollector {
  const decoder = new TextDecoder();
  let begun = '';
  return {
    add(chunk) {
      const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
      begun = lines.pop() ?? '';
      if (begun.length > LINE_LENGTH_MAX) {
        lines.push(begun);
        begun = '';
      }
      return lines;
    },
    end() {
      const last = begun + decoder.decode();
      begun = '';
      return last === '' ? [] : [last];
    },
  };
}

/** A line as it is stored, safe to print: for `-o json`. */
export function rawLine(line: string): string {
  return visibleJson(line);
}

/**
 * A line for people: `09:30:00.120 INFO message`, with what else it carries behind. Lines that are
 * not of the log's own form are shown as they are.
 */
export function readableLine(line: string, paint: Paint = plain): string {
  const record = readRecord(line);
  if (record === undefined) return visibleLines(line);
  const { time, level, message, stream: _stream, ...more } = record;
  const name = String(level ?? 'info').toUpperCase();
  const extra = Object.entries(more).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const colour = LEVEL_COLOURS.get(name);
  const parts = [
    paint(clockTime(time), 'gray'),
    colour === undefined ? name.padEnd(5) : paint(name.padEnd(5), colour),
    visibleLines(typeof message === 'string' ? message : (JSON.stringify(message) ?? '')),
    ...extra.map((text) => paint(visibleLines(text), 'gray')),
  ];
  return parts.join(' ');
}

const LEVEL_COLOURS: ReadonlyMap<string, Colour> = new Map([
  ['ERROR', 'red'],
  ['CRITICAL', 'red'],
  ['FATAL', 'red'],
  ['WARN', 'yellow'],
  ['WARNING', 'yellow'],
  ['DEBUG', 'gray'],
]);

function readRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isRecord = typeof value === 'object' && value !== null && 'message' in value;
    return isRecord ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Local time of day to the millisecond: a reader of a log knows the day. */
function clockTime(time: unknown): string {
  const at = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN);
  if (Number.isNaN(at.getTime())) return '--:--:--.---';
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => pad(part))
    .join(':');
  return `${clock}.${pad(at.getMilliseconds(), 3)}`;
}
