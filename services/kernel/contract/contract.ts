// Checks messages against the rules that their contracts declare.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import { plainWords } from './plain-words.ts';

/** A rule that a message breaks. */
export type BrokenRule = {
  /**
   * Path of the field, as it is spelled in the contract: `offers[0].worker_id`; '' for the whole.
   */
  readonly field: string;
  /** Name of the rule, e.g. `string.min_len`. */
  readonly rule: string;
  /** What is wrong with the value, to be read after the name of the field. */
  readonly message: string;
};

const patterns = new Map<string, RegExp>();

// Patterns are constants of our own contracts, linear in time, so the platform's far faster engine
// may match them. Rules are compiled when a type of message is first seen.
const validator = createValidator({
  regexMatch: (pattern, against) => {
    let compiled = patterns.get(pattern);
    if (compiled === undefined) {
      compiled = new RegExp(pattern, 'u');
      patterns.set(pattern, compiled);
    }
    return compiled.test(against);
  },
});

/**
 * All rules the message breaks, none for a good one: about a microsecond for each message in it.
 * Throws when the contract itself cannot be checked, which is our mistake.
 */
export function brokenRules<D extends DescMessage>(
  desc: D,
  message: MessageShape<D>,
): readonly BrokenRule[] {
  const result = validator.validate(desc, message);
  if (result.kind === 'valid') return [];
  if (result.kind === 'error') throw result.error;
  return result.violations.map((violation) => ({
    field: pathToString(violation.field),
    rule: violation.ruleId,
    message: plainWords(desc, message, violation),
  }));
}
