// One HTTP request with everything bounded: time, size of the answer, redirects.
import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ConnectError, fail, messageOf } from '#kernel/errors/errors.ts';
import { type Deadline, withDeadline } from '../polls/deadline.ts';
import type { HostRule } from './host-rule.ts';

/** What is asked. */
export type HttpQuestion = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** '' for none. */
  readonly body: string;
};

/** What came back. */
export type HttpAnswer = {
  readonly status: number;
  /** As UTF-8; at most 64 KiB, the rest is not read. */
  readonly body: string;
};

/** Asks a URL; rejects when there is no answer in time. */
export type AskUrl = (question: HttpQuestion, signal: AbortSignal) => Promise<HttpAnswer>;

/** An asker with its connections. */
export type UrlAsker = {
  readonly ask: AskUrl;
  /** Closes idle connections; may be called twice. */
  readonly close: () => void;
};

/** How much of an answer is read, in bytes. */
const BODY_MAX = 64 * 1024;

/** Redirects that are followed. */
const REDIRECTS_MAX = 5;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What must not be sent to another host than it was meant for. */
const CREDENTIAL = /^(authorization|cookie|proxy-authorization|host)$/i;

/** Connections are kept for a while: most hosts are asked again soon. */
export function createUrlAsker(options: {
  readonly hostRule: HostRule;
  /** Of all that one question takes, redirects included. */
  readonly deadline: Deadline;
}): UrlAsker {
  const { hostRule, deadline } = options;
  const { lookup } = hostRule;
  const { timeoutMs } = deadline;
  const http = new HttpAgent({ keepAlive: true, maxFreeSockets: 64, timeout: timeoutMs, lookup });
  const https = new HttpsAgent({ keepAlive: true, maxFreeSockets: 64, timeout: timeoutMs, lookup });

  const askOnce = (question: HttpQuestion, url: URL, signal: AbortSignal) => {
    hostRule.check(url);
    const { method, headers, body } = question;
    const call = { method, signal, headers: { 'accept-encoding': 'identity', ...headers } };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = begun(() =>
        url.protocol === 'https:'
          ? httpsRequest(url, { ...call, agent: https })
          : httpRequest(url, { ...call, agent: http }),
      );
      // Not once: what comes after the first error would end the program if nobody listened.
      request.on('error', reject).once('response', resolve).end(body);
    });
  };
  const follow = async (first: HttpQuestion, signal: AbortSignal): Promise<HttpAnswer> => {
    let question = first;
    for (let redirectsCount = 0; ; redirectsCount += 1) {
      const url = new URL(question.url);
      const response = await askOnce(question, url, signal);
      const status = response.statusCode ?? 0;
      const next = REDIRECTS.has(status) ? redirected(question, response) : undefined;
      if (next === undefined || redirectsCount >= REDIRECTS_MAX) {
        return { status, body: await readBody(response) };
      }
      response.destroy();
      question = next;
    }
  };

  return {
    ask: (question, signal) =>
      withDeadline(deadline, signal, (limit) =>
        follow(question, limit).catch((error: unknown) => {
          throw unwrapped(error);
        }),
      ),
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

/** A request that cannot even be begun (a header that is none, say) never can be. */
function begun(begin: () => ClientRequest): ClientRequest {
  try {
    return begin();
  } catch (cause) {
    throw fail('bad_request', `the URL cannot be asked so: ${messageOf(cause)}`, { cause });
  }
}

/** A refusal of the host rule comes wrapped in what the request says of its end. */
function unwrapped(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof ConnectError ? error.cause : error;
}

/** What a redirect asks instead; undefined when it leads nowhere, or may not be followed. */
function redirected(question: HttpQuestion, response: IncomingMessage): HttpQuestion | undefined {
  const { location } = response.headers;
  const isSafe = question.method === 'GET' || question.method === 'HEAD';
  if (location === undefined || !isSafe || !URL.canParse(location, question.url)) return undefined;
  const from = new URL(question.url);
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return undefined;
  const kept = Object.entries(question.headers).filter(
    ([name]) => to.origin === from.origin || !CREDENTIAL.test(name),
  );
  return { ...question, url: to.href, headers: Object.fromEntries(kept) };
}

/** Text of the first bytes; what is left is not read, and its connection not used again. */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= BODY_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, BODY_MAX).toString('utf8');
}
