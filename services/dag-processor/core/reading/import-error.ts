// The text an author reads when a DAG file cannot be used.

/** One thing that is wrong with a DAG file. */
export type Problem = {
  /** From 1; undefined when it is not known. */
  readonly line?: number | undefined;
  /** What is wrong, and what to do about it: one sentence. */
  readonly cause: string;
};

/** How many problems of a file are told at once; mending the first ones often mends the rest. */
export const PROBLEMS_MAX = 20;

/** What the catalog takes, in bytes. */
const TEXT_BYTES_MAX = 65_536;

/**
 * `<file>:<line>: <cause>`, one line for each problem. A problem without a line is told at line 1,
 * so that every text can be read by the same tools.
 */
export function importErrorText(path: string, problems: readonly Problem[]): string {
  const told = problems.slice(0, PROBLEMS_MAX);
  const lines = told.map(({ line, cause }) => `${path}:${line ?? 1}: ${cause}`);
  const restCount = problems.length - told.length;
  if (restCount > 0) lines.push(`… and ${restCount} more`);
  return cutToBytes(lines.join('\n'), TEXT_BYTES_MAX);
}

/** What a child says went wrong, which names the file by itself when the child knows where. */
export function namedImportError(path: string, text: string): string {
  const isNamed = text.startsWith(`${path}:`);
  return isNamed ? cutToBytes(text, TEXT_BYTES_MAX) : importErrorText(path, [{ cause: text }]);
}

function cutToBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  // A character cut in half at the end becomes a replacement character, which is dropped with it.
  const cut = bytes.subarray(0, bytesMax - 4).toString();
  return `${cut.replace(/\uFFFD$/, '')}…`;
}
