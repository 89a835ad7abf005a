// What a worker does by itself: webhooks and mails, against a real HTTP server and a mail server.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltInAction, Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { aLease, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from '../testkit/fake-executor.ts';
import type { FakeSession } from '../testkit/fake-session.ts';
import { createInbox } from '../testkit/inbox.ts';
import { type MailServer, type ReceivedMail, startMailServer } from '../testkit/mail-server.ts';
import { connectWorker, stopWorkers } from '../testkit/start-worker.ts';

type Told = { readonly headers: IncomingMessage['headers']; readonly body: string };

const told = createInbox<Told>('request');
let fake: FakeExecutor;
let session: FakeSession;
let mails: MailServer;
let web: Server;
let url: string;

beforeAll(async () => {
  fake = await startFakeExecutor();
  ({ session } = await connectWorker(fake));
  session.keepAlive();
  mails = await startMailServer();
  web = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += String(bytes)));
    request.on('end', () => {
      told.add({ headers: request.headers, body });
      response.statusCode = request.url === '/broken' ? 503 : 204;
      response.end(request.url === '/broken' ? 'try later' : undefined);
    });
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(async () => {
  await stopWorkers();
  fake.stop();
  mails.stop();
  web.close();
});

const CONTEXT = { dag_id: 'weather', task_id: 'load', event: 'failure', run: { try: 2 } };

function act(
  kind: BuiltInAction['kind'] | { case: string; value: object },
  connId = 'smtp_default',
) {
  const login = { login: 'me', password: 'secret', extraJson: '{"from_email":"mesh@example.com"}' };
  const host = { host: '127.0.0.1', port: mails.port };
  const lease = aLease('weather.callback', {
    handler: '',
    runType: 'callback',
    inputsJson: JSON.stringify(CONTEXT),
    builtIn: { kind: kind as never },
    connections: [{ connId, connType: 'smtp', ...host, ...login }],
  });
  return runToReport(session, lease);
}

test('a webhook posts the context as JSON', async () => {
  const value = { url, headers: { 'X-Team': 'data' }, body: '' };
  expect(await act({ case: 'webhook', value })).toMatchObject({ outcome: Outcome.SUCCESS });
  const { headers, body } = await told.next();
  expect(JSON.parse(body)).toEqual(CONTEXT);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-team': 'data' });
});

test('a webhook may have a body of its own, with values of the context in it', async () => {
  const value = { url, headers: {}, body: '{"text":"{{ task_id }} failed, try {{ run.try }}"}' };
  await act({ case: 'webhook', value });
  expect((await told.next()).body).toBe('{"text":"load failed, try 2"}');
});

test('an address that answers with an error is a failure, so that it is tried again', async () => {
  const value = { url: `${url}/broken`, headers: {}, body: '' };
  const { outcome, error } = await act({ case: 'webhook', value });
  expect(outcome).toBe(Outcome.FAILED);
  expect(error).toMatchObject({ isFinal: false });
  expect(error?.message).toMatch(/^127\.0\.0\.1:\d+ answered 503: try later$/);
  await told.next();
});

test('a mail is sent over the connection, with its subject and body filled in', async () => {
  const value = {
    to: ['ada@example.com', 'bob@example.com'],
    subject: 'Störung: {{ task_id }}',
    body: 'try {{ run.try }}\n.\nend',
    connId: '',
  };
  expect(await act({ case: 'email', value })).toMatchObject({ outcome: Outcome.SUCCESS });
  const received = await mails.next();
  expect(received).toMatchObject({
    login: 'me:secret',
    from: 'mesh@example.com',
    to: ['ada@example.com', 'bob@example.com'],
  });
  const { head, body } = partsOf(received);
  expect(head).toMatch(/Message-ID: <attempt-\d+@dagmesh>/);
  expect(head).toContain('Subject: =?UTF-8?Q?St=C3=B6rung=3A_load?=');
  expect(body).toBe('try 2\n.\nend\n');
});

test('a mail without words of its author says what happened', async () => {
  const value = { to: ['ada@example.com'], subject: '', body: '', connId: 'mailer' };
  await act({ case: 'email', value }, 'mailer');
  const { head, body } = partsOf(await mails.next());
  expect(head).toContain('Subject: DagMesh: weather load failure');
  expect(body).toContain('task_id: load\nevent: failure');
});

test('a mail that the server refuses fails in the words of the server', async () => {
  const value = { to: ['refused@example.com'], subject: 's', body: 'b', connId: '' };
  const { outcome, error } = await act({ case: 'email', value });
  expect(outcome).toBe(Outcome.FAILED);
  expect(error?.message).toMatch(/^mail server 127\.0\.0\.1: .*no such user/);
});

test('an address cannot smuggle commands into the conversation', async () => {
  const value = { to: ['a@b>\r\nRCPT TO:<c@d'], subject: 's', body: 'b', connId: '' };
  const { error } = await act({ case: 'email', value });
  expect(error?.message).toContain('is no mail address');
});

function partsOf({ text }: ReceivedMail): { readonly head: string; readonly body: string } {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { head, body: body.replaceAll('\r\n', '\n') };
}
