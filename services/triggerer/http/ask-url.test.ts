// Asking a URL: which hosts may be asked, and what is bounded.
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { messageOf, reasonOf } from '#kernel/errors/errors.ts';
import { createUrlAsker, type HttpQuestion } from './ask-url.ts';
import { createHostRule } from './host-rule.ts';

let server: Server;
let onRequest: RequestListener;
let url: string;
beforeEach(async () => {
  server = createServer((request, response) => onRequest(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const never = new AbortController().signal;

async function ask(
  own: Partial<HttpQuestion> = {},
  { allow = [], timeoutMs = 5_000 }: { allow?: readonly string[]; timeoutMs?: number } = {},
) {
  const hostRule = createHostRule(allow);
  const asker = createUrlAsker({ hostRule, deadline: { clock: systemClock, timeoutMs } });
  try {
    return await asker.ask({ url, method: 'GET', headers: {}, body: '', ...own }, never);
  } finally {
    asker.close();
  }
}

describe('a host', () => {
  it.each([
    'http://169.254.169.254/latest',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
  ])('with a link-local address is not asked: %s', async (address) => {
    expect(await ask({ url: address }).catch(reasonOf)).toBe('host_not_allowed');
  });

  it('that a redirect leads to is judged as well', async () => {
    onRequest = (_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    };
    expect(await ask().catch(reasonOf)).toBe('host_not_allowed');
  });

  it.each([
    [['127.0.0.1'], true],
    [['example.org'], false],
    [['*.0.0.1'], true],
    [['*.example.org'], false],
  ])('is asked with the list %j: %s', async (allow, isAsked) => {
    onRequest = (_request, response) => void response.end('here');
    const reason = await ask({}, { allow }).then(() => undefined, reasonOf);
    expect(reason).toBe(isAsked ? undefined : 'host_not_allowed');
  });

  it('whose name leads to a link-local address is refused when it is looked up', async () => {
    const refused = await new Promise<unknown>((resolve) => {
      const { lookup } = createHostRule([]);
      lookup('169.254.169.254', {}, (error) => resolve(error?.cause));
    });
    expect(reasonOf(refused)).toBe('host_not_allowed');
  });
});

describe('an answer', () => {
  it('is read up to 64 KiB', async () => {
    onRequest = (_request, response) => void response.end('x'.repeat(1024 * 1024));
    expect((await ask()).body).toHaveLength(64 * 1024);
  });

  it('must come in time', async () => {
    onRequest = (_request, response) => void response.writeHead(200).write('begun');
    const late = ask({}, { timeoutMs: 300 });
    expect(await late.catch(messageOf)).toBe('no answer within 300 ms');
  });

  it('is the one that redirects lead to, a few of them', async () => {
    onRequest = ({ url: path = '' }, response) => {
      const left = Number(path.slice(1));
      if (left > 0) response.writeHead(301, { location: `/${left - 1}` }).end();
      else response.end('arrived');
    };
    expect(await ask({ url: `${url}3` })).toEqual({ status: 200, body: 'arrived' });
    expect((await ask({ url: `${url}9` })).status).toBe(301);
  });

  it('to a POST is the redirect itself', async () => {
    onRequest = (_request, response) => void response.writeHead(303, { location: '/x' }).end();
    expect((await ask({ method: 'POST', body: '{}' })).status).toBe(303);
  });
});

describe('a question', () => {
  it.each([
    ['a header without a name', { headers: { '': 'x' } }],
    ['a name of a header with a space', { headers: { 'x y': 'x' } }],
    ['a header of two lines', { headers: { x: 'a\r\nhost: b' } }],
    ['another protocol', { url: 'ftp://127.0.0.1/' }],
  ])('that can never be put is refused: %s', async (_what, own) => {
    expect(await ask(own).catch(reasonOf)).toBe('bad_request');
  });

  it.each([
    ['breaks off in the middle', 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf'],
    ['says what is no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['has endless headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(100_000)}`],
    ['talks on after its end', 'HTTP/1.1 204 No\r\n\r\nHTTP/1.1 500 what\r\nx'],
  ])('to a host that %s can be put again', async (_what, words) => {
    const odd = createTcpServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(words));
    });
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(odd.address() as AddressInfo).port}/`;
    const outcome = await ask({ url: address }).then(() => undefined, reasonOf);
    odd.close();
    expect(outcome).toBeUndefined();
  });

  it('by TLS to a host that speaks none can be put again', async () => {
    const secret = url.replace('http:', 'https:');
    onRequest = (_request, response) => void response.end('plain');
    const error = await ask({ url: secret }).catch((reason: unknown) => reason);
    expect([messageOf(error), reasonOf(error)]).toEqual([expect.stringMatching(/SSL/), undefined]);
  });
});

describe('credentials', () => {
  it('are not taken along to another origin', async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization, request.headers['x-kept'] as string);
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    onRequest = (_request, response) => void response.writeHead(307, { location }).end();
    await ask({ headers: { Authorization: 'Bearer x', 'x-kept': 'yes' } });
    other.closeAllConnections();
    other.close();
    expect(seen).toEqual([undefined, 'yes']);
  });
});
