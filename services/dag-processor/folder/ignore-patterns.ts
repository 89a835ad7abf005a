// Which paths an ignore file of expressions leaves out, as Airflow's syntax `regexp` has it.
import { setFlagsFromString } from 'node:v8';
import type { IgnoreRules } from '../core/file/ignore-rules.ts';

/** What an ignore file says. */
export type IgnorePatterns = {
  /** Over paths relative to the DAG folder, wherever the ignore file is. */
  readonly rules: IgnoreRules;
  /** Lines left out of account, because they cannot be matched in linear time, or at all. */
  readonly unusable: readonly string[];
};

const PATTERNS_MAX = 1_000;
/** V8's own engine that never goes back; it refuses what needs that. */
const LINEAR = 'l';

/** Reads patterns, one a line, each looked for anywhere in a path; `#` begins a comment. */
export function parseIgnorePatterns(text: string): IgnorePatterns {
  setFlagsFromString('--enable-experimental-regexp-engine');
  const patterns: RegExp[] = [];
  const unusable: string[] = [];
  const lines = text.split(/\r?\n/).map((line) => line.replace(/\s*#.*/, ''));
  for (const line of lines.filter((each) => each !== '').slice(0, PATTERNS_MAX)) {
    try {
      patterns.push(new RegExp(line, LINEAR));
    } catch {
      unusable.push(line);
    }
  }
  const rules = (path: string) => patterns.some((pattern) => pattern.test(path)) || undefined;
  return { rules, unusable };
}
