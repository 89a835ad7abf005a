// How a file looks: what it is for, how long it is, how long its functions and lines are.
import type { Rule, Violation } from '../rule.ts';
import type { Source } from '../source.ts';

/** Longest file, in lines. */
const FILE_LINES_MAX = 500;
/** Longest function, in lines. */
const FUNCTION_LINES_MAX = 60;
/** Longest line, in characters. */
const COLUMNS_MAX = 100;

/** A reader learns from the first line whether the file is the one. */
export const filesSayWhatTheyAreFor: Rule = {
  name: 'the first line of a file says what it is for',
  check: (source) => {
    const [first = '', second = ''] = source.lines;
    const line = first.startsWith('#!') ? second : first;
    if (/^(\/\/|\/\*\*?) \S.*\S/.test(line)) return [];
    return [
      { path: source.path, line: 1, message: 'begin with a comment that says what it is for' },
    ];
  },
};

/** One idea each. */
export const filesAreShort: Rule = {
  name: `a file has at most ${FILE_LINES_MAX} lines`,
  check: (source) => {
    const count = source.lines.length - 1;
    if (count <= FILE_LINES_MAX) return [];
    return [{ path: source.path, line: 0, message: `${count} lines; it holds more than one idea` }];
  },
};

/** Nothing can be done about a long address, or about the path of an import. */
const UNBREAKABLE = /https?:\/\/\S{60}|\bfrom '[^']+';$/;

/** Of a line of code counts what is around its texts: those cannot be broken without a plus. */
function lengthOf(source: Source, index: number): number {
  const line = source.lines[index] ?? '';
  const isComment = (source.uncommented[index] ?? '').trim() === '';
  if (isComment) return line.length;
  const indent = line.length - line.trimStart().length;
  return indent + (source.code[index] ?? '').trim().replace(/ {2,}/g, ' ').length;
}

/** What one reads at a glance. */
export const linesAreShort: Rule = {
  name: `a line has at most ${COLUMNS_MAX} characters`,
  check: (source) =>
    source.lines.flatMap((line, index) =>
      lengthOf(source, index) > COLUMNS_MAX && !UNBREAKABLE.test(line)
        ? [{ path: source.path, line: index + 1, message: `${line.length} characters` }]
        : [],
    ),
};

/** A function fits a screen. Tests are exempt: a `describe` is a chapter, not a function. */
export const functionsFitAScreen: Rule = {
  name: `a function has at most ${FUNCTION_LINES_MAX} lines`,
  check: (source) => (source.isTest ? [] : functionsOf(source).flatMap(tooLong)),
};

type FunctionSpan = {
  readonly path: string;
  readonly name: string;
  readonly line: number;
  readonly linesCount: number;
};

function tooLong({ path, name, line, linesCount }: FunctionSpan): Violation[] {
  if (linesCount <= FUNCTION_LINES_MAX) return [];
  return [{ path, line, message: `${name} has ${linesCount} lines; give its parts names` }];
}

/**
 * A line that begins a function: `function f`, `f = (…) =>`, a method; its parameters may end on a
 * later line.
 */
const BEGINS = [
  /^\s*(?:export )?(?:async )?function\s*\*?\s*([\w$]+)/,
  /^\s*(?:export )?(?:const|let)\s+([\w$]+)\s*(?::[^=]*)?=\s*(?:async\s*)?(?:\(|[\w$]+\s*=>|<)/,
  /^\s+(?:(?:static|async|override|get|set)\s+)*\*?(#?[\w$]+)\([^;]*$/,
  /^\s+([\w$]+):\s*(?:async\s*)?\(/,
];

/**
 * Files are formatted, so a function ends at the first line that closes at the indentation of its
 * first. That also counts functions inside functions towards both.
 */
function functionsOf(source: Source): FunctionSpan[] {
  return source.code.flatMap((line, index) => {
    const name = BEGINS.map((pattern) => pattern.exec(line)?.[1]).find(
      (each) => each !== undefined,
    );
    if (name === undefined || KEYWORDS.has(name) || line.endsWith(';')) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const isEnd = new RegExp(`^${indent}[})\\]](?!.*\\{$)`);
    const after = source.code
      .slice(index + 1)
      .findIndex((next) => isEnd.test(next) || isDedent(next, indent));
    if (after < 0) return [];
    return [{ path: source.path, name, line: index + 1, linesCount: after + 2 }];
  });
}

const KEYWORDS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'super',
  'constructor',
]);

function isDedent(line: string, indent: string): boolean {
  return line.trim() !== '' && !line.startsWith(indent);
}
