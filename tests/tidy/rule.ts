// What a rule of the house is, and what it answers.
import type { Source } from './source.ts';

/** A place that breaks a rule. */
export type Violation = {
  readonly path: string;
  /** From 1; 0 when it is about the file as a whole. */
  readonly line: number;
  /** What is wrong, and what to do. */
  readonly message: string;
};

/** A rule that looks at one file at a time. */
export type Rule = {
  /** A sentence about the house. */
  readonly name: string;
  readonly check: (source: Source) => readonly Violation[];
};

/** Violations of a pattern in lines of a source; `appliesTo` decides about whole files. */
export function forbidding(options: {
  readonly name: string;
  readonly pattern: RegExp;
  readonly message: string;
  readonly lines?: 'code' | 'uncommented' | 'lines';
  readonly appliesTo?: (source: Source) => boolean;
}): Rule {
  const { name, pattern, message, lines = 'code', appliesTo = () => true } = options;
  return {
    name,
    check: (source) =>
      appliesTo(source)
        ? source[lines].flatMap((line, index) =>
            pattern.test(line) ? [{ path: source.path, line: index + 1, message }] : [],
          )
        : [],
  };
}

/** `path:line  message`, as an editor can jump to it. */
export function show(violation: Violation): string {
  return `${violation.path}:${violation.line}  ${violation.message}`;
}
