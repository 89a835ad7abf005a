// What a broken rule means to a person: the value in quotes, and what to write instead.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type Path, reflect } from '@bufbuild/protobuf/reflect';
import type { Violation } from '@bufbuild/protovalidate';

/** Longest part of a value that is repeated, in characters. */
const SHOWN_MAX = 60;

/** `^[A-Za-z0-9_.~:+@-]{1,250}$`: every pattern of names in the contracts is of this form. */
const NAME_PATTERN = /\^\[A-Za-z0-9([^\]]*)\]\{\d+,(\d+)\}\$/;

/**
 * The sentence that follows the name of the field. Only names, ids and numbers are repeated in it:
 * other values may hold a secret.
 */
export function plainWords<D extends DescMessage>(
  desc: D,
  message: MessageShape<D>,
  violation: Violation,
): string {
  const [, marks, lengthMax] = NAME_PATTERN.exec(violation.message) ?? [];
  const value = violation.forKey ? undefined : valueAt(desc, message, violation.field);
  if (value === '' && (marks !== undefined || violation.ruleId.startsWith('string.'))) {
    return 'is empty; it needs a value';
  }
  const named = typeof value === 'string' ? `"${shorten(value)}" ` : '';
  if (marks !== undefined) {
    return `${named}may have letters, digits and ${marks} only, at most ${lengthMax} of them`;
  }
  switch (violation.ruleId) {
    case 'required':
      return 'is missing; it needs a value';
    case 'string.uuid':
      return `${named}is no id; ids look like 01a1fdad-ceea-7626-aafa-d7c50a2999fc`;
    case 'enum.defined_only':
      return `${String(value)} is none of the values there are`;
    default:
      return typeof value === 'number' || typeof value === 'bigint'
        ? `${value} ${spellLimits(violation.message)}`
        : violation.message;
  }
}

function spellLimits(message: string): string {
  return message
    .replaceAll('greater than or equal to', 'at least')
    .replaceAll('less than or equal to', 'at most');
}

function shorten(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** The value of a field, of a field of that, and so on; undefined where the way leads elsewhere. */
function valueAt(desc: DescMessage, message: MessageShape<DescMessage>, path: Path): unknown {
  let at: unknown = reflect(desc, message);
  for (const step of path) {
    if (!hasGet(at)) return undefined;
    if (step.kind === 'field') at = at.get(step);
    else if (step.kind === 'list_sub') at = at.get(step.index);
    else if (step.kind === 'map_sub') at = at.get(step.key);
    else return undefined;
  }
  return at;
}

type HasGet = { get(key: unknown): unknown };

function hasGet(value: unknown): value is HasGet {
  return typeof value === 'object' && value !== null && 'get' in value;
}
