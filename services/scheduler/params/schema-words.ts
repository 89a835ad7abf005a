// What a value that breaks its JSON Schema must be, in the words of people instead of the schema's.
import type { ErrorObject } from 'ajv';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** Values of a list that are named. */
const NAMED_MAX = 20;

/** A sentence for each thing that is wrong, `subject` being the value as a whole. */
export function schemaWords(errors: readonly ErrorObject[], subject: string): string {
  return errors.map((error) => `${placeOf(error, subject)} ${wordsOf(error)}`).join('; ');
}

function placeOf({ instancePath }: ErrorObject, subject: string): string {
  if (instancePath === '') return subject;
  const path = instancePath.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
  return `"${path}" of ${subject}`;
}

function wordsOf({ keyword, message = 'is not as its schema says', params }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return `must be ${[params['type']].flat().map(typeWords).join(' or ')}`;
    case 'enum':
      return `must be one of ${listOf(params['allowedValues'])}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`;
    case 'required':
      return `lacks "${params['missingProperty']}"`;
    case 'additionalProperties':
      return `may have nothing called "${params['additionalProperty']}"`;
    case 'minimum':
      return `must be at least ${params['limit']}`;
    case 'maximum':
      return `must be at most ${params['limit']}`;
    case 'minLength':
      if (params['limit'] === 1) return 'must not be empty';
      return `must have at least ${params['limit']} characters`;
    case 'maxLength':
      return `must have at most ${params['limit']} characters`;
    case 'format':
      return `must be a ${params['format']}`;
    default:
      return message;
  }
}

function typeWords(type: unknown): string {
  return TYPES[String(type)] ?? String(type);
}

function listOf(values: unknown): string {
  const texts = Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : [];
  const rest = texts.length > NAMED_MAX ? ', …' : '';
  return `${texts.slice(0, NAMED_MAX).join(', ')}${rest}`;
}
