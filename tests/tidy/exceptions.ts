// The only exceptions from the rules, each with its reason. One that is no longer needed fails the test as well.
import type { Rule } from './rule.ts';

/** A place that may break a rule. */
export type Exception = {
  /** Name of the rule. */
  readonly rule: Rule['name'];
  /** A file, or a folder that ends with a slash. */
  readonly path: string;
  readonly reason: string;
};

/** All of them. */
export const exceptions: readonly Exception[] = [];
