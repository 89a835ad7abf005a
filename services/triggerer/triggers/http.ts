// Waits until a URL answers as wished.
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { unlessKnown } from '../core/known-event.ts';
import { EVENT_SIZE_MAX, type Outcome } from '../core/outcome.ts';
import type { HttpAnswer, HttpQuestion } from '../http/ask-url.ts';
import type { Polls } from '../polls/polls.ts';
import type { SpecOf, Trigger } from './trigger.ts';

/** Time between two questions when the trigger does not say, in milliseconds. */
const INTERVAL_MS = 10_000;

/** Fires with the answer that is as wished; everything else is asked again. */
export function httpTrigger(polls: Polls<HttpQuestion, HttpAnswer>): Trigger<'http'> {
  return (spec, { end, ...wait }) => {
    const question = questionOf(spec);
    const { url, method, headers, body } = question;
    return polls.join({
      key: JSON.stringify([url, method, Object.entries(headers).sort(), body]),
      lane: new URL(url).host,
      question,
      intervalMs: fromDuration(spec.pollInterval) ?? INTERVAL_MS,
      judge: unlessKnown(wait, (answer) => judgeAnswer(spec, answer)),
      end,
    });
  };
}

function questionOf({ url, method, headers, body }: SpecOf<'http'>): HttpQuestion {
  return { url: new URL(url).href, method: method || 'GET', headers, body };
}

function judgeAnswer(
  { status, contains }: Pick<SpecOf<'http'>, 'status' | 'contains'>,
  answer: HttpAnswer,
): Outcome | undefined {
  const isWished =
    status === 0 ? answer.status >= 200 && answer.status <= 299 : answer.status === status;
  if (!isWished || !answer.body.includes(contains)) return undefined;
  return { kind: 'fired', event: { status: answer.status, body: fitting(answer.body) } };
}

/** As much of a text as an event can hold: control characters take six bytes each in JSON. */
function fitting(text: string): string {
  const isFitting = Buffer.byteLength(JSON.stringify(text)) <= EVENT_SIZE_MAX - 1_024;
  return isFitting ? text : fitting(text.slice(0, text.length / 2));
}
