// Which options there are and what their values look like: checked before anything of them is read,
// since nothing compiles a DAG file before it runs.
import { DagError } from './dag-error.ts';
import { didYouMean } from './nearest.ts';

/** What the value of an option looks like; what it means is checked where it is read. */
export type Shape = keyof typeof SHAPES;

/**
 * Every option of a kind with its shape, and `!` behind those that must be given; the compiler sees
 * to it that none is forgotten.
 */
export type Shapes<Options> = {
  readonly [Name in keyof Options]-?: object extends Pick<Options, Name> ? Shape : `${Shape}!`;
};

const SHAPES = {
  any: { words: '', fits: () => true },
  flag: { words: 'true or false', fits: (value) => typeof value === 'boolean' },
  number: { words: 'a number', fits: (value) => typeof value === 'number' },
  text: { words: 'a text', fits: isText },
  texts: { words: 'a list of texts', fits: (value) => Array.isArray(value) && value.every(isText) },
  list: { words: 'a list', fits: Array.isArray },
  object: { words: 'an object', fits: isObject },
  span: {
    words: "a span of time such as '30s' or '5m'",
    fits: (value) => typeof value === 'number' || isText(value),
  },
  instant: {
    words: 'a date such as 2026-01-31, or a Date',
    fits: (value) => isText(value) || value instanceof Date,
  },
} as const satisfies Record<string, { words: string; fits: (value: unknown) => boolean }>;

/** Names beyond this many are not listed in an error. */
const LISTED_MAX = 12;

/** Throws a DagError for an option that there is not, or that is something else altogether. */
export function requireShapes<Options>(
  subject: string,
  options: unknown,
  shapes: Shapes<Options>,
): void {
  const cause = shapeCause(subject, options, shapes);
  if (cause !== undefined) throw new DagError(cause);
}

/** What is wrong with the names or shapes of some options, in a sentence; undefined if nothing. */
export function shapeCause<Options>(
  subject: string,
  options: unknown,
  shapes: Shapes<Options>,
): string | undefined {
  const known: Readonly<Record<string, Shape | `${Shape}!`>> = shapes;
  if (!isObject(options)) return `${subject}: its options are ${shown(options)}, not an object`;
  for (const [name, value] of Object.entries(options)) {
    const shape = Object.hasOwn(known, name) ? known[name] : undefined;
    if (shape === undefined) return `${subject} has no option "${name}"${hint(name, known)}`;
    const { words, fits } = SHAPES[shape.replace('!', '') as Shape];
    if (value !== undefined && !fits(value)) {
      return `${subject}: ${name} is ${shown(value)}; it must be ${words}`;
    }
  }
  const given: Readonly<Record<string, unknown>> = { ...options };
  const missing = Object.keys(known).find(
    (name) => known[name]?.endsWith('!') === true && given[name] === undefined,
  );
  return missing === undefined ? undefined : `${subject} needs the option "${missing}"`;
}

function hint(name: string, known: object): string {
  const names = Object.keys(known);
  const nearest = didYouMean(name, names);
  if (nearest !== '' || names.length > LISTED_MAX) return nearest;
  return `; there are ${names.join(', ')}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in few words; texts in quotes. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value);
}
