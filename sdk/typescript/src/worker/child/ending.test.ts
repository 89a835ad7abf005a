// How what a task threw is told: its class, those it descends from, and what it asked for.
import { expect, test } from 'vitest';
import { FailTask, RetryTask, SensorTimeout } from '../../task/outcomes.ts';
import { endingOfError } from './ending.ts';

class Refused extends TypeError {}
class Busy extends Refused {
  override readonly name = 'TooBusy';
}

function failureOf(error: unknown) {
  const ending = endingOfError(error);
  if (ending.kind !== 'failed') throw new Error('it was to fail');
  return ending.failure;
}

test.each<[unknown, string, readonly string[]]>([
  [new Error('x'), 'Error', []],
  [new Refused('x'), 'Refused', ['TypeError', 'Error']],
  [new Busy('x'), 'TooBusy', ['Busy', 'Refused', 'TypeError', 'Error']],
  [new (class Closed extends FailTask {})('x'), 'Closed', ['FailTask', 'Error']],
  [new SensorTimeout('x'), 'SensorTimeout', ['FailTask', 'Error']],
  [new DOMException('x', 'AbortError'), 'AbortError', ['DOMException', 'Error']],
  ['a text', 'string', []],
])('%o is told as %s, which is a %j', (error, errorClass, errorAncestors) => {
  expect(failureOf(error)).toMatchObject({ errorClass, errorAncestors });
});

test('a delay that is none is the failure, and no reason to fail for good', () => {
  const failure = failureOf(new RetryTask('busy', { delay: '5 minutes' as never }));
  expect(failure).toMatchObject({ errorClass: 'RangeError', isFinal: false });
  expect(failure.message).toContain('"5 minutes" is not a span of time');
  expect(failureOf(new FailTask('closed')).isFinal).toBe(true);
});
