// The only exceptions from the rules, each with its reason; one nobody needs fails as well.
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
export const exceptions: readonly Exception[] = [
  {
    rule: 'a foreign library is imported in its own room only',
    path: 'services/standalone/embedded/database.ts',
    reason: 'The databases must exist before metadata, whose room pg is, can start.',
  },
  {
    rule: 'signals and exits are in kernel/lifecycle',
    path: 'services/dag-processor/child/',
    reason:
      'A child is a program of its own: it ends with its one answer, whatever still runs in it.',
  },
  {
    rule: 'signals and exits are in kernel/lifecycle',
    path: 'services/cli/dagmesh.mjs',
    reason: 'It runs in a Node that may be too old for the kernel, and only passes signals on.',
  },
  {
    rule: 'chance comes from kernel/clock/random',
    path: 'services/metadata/secrets/',
    reason: 'Keys and nonces come from the library of the cipher that uses them.',
  },
  {
    rule: 'files and exports are named after what they are',
    path: 'services/dag-processor/sandbox/process-tree.ts',
    reason: 'A process tree is what the operating system calls it.',
  },
  {
    rule: 'files and exports are named after what they are',
    path: 'services/kernel/config/config.ts',
    reason: 'processEnv is named after Node’s process.env.',
  },
];
