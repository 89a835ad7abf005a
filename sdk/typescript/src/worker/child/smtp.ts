// Sends one mail over SMTP (RFC 5321): in the clear to a relay, or over TLS from the first byte.
// STARTTLS is not spoken, so a login is only ever sent over TLS or to this very machine.
import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import type { Connection } from '../../task/context.ts';
import { mailText } from './mail-text.ts';
import { type Replies, repliesOf } from './smtp-replies.ts';

const PLAIN_PORT = 25;
const TLS_PORT = 465;
const LOCAL = ['localhost', '127.0.0.1', '::1'];
const ADDRESS = /^[^\s<>@"(),:;\\[\]]+@[^\s<>@"(),:;\\[\]]+$/;

/** A mail to send. */
export type Mail = {
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly body: string;
  /** Tells mails apart; the same when one is sent again. */
  readonly messageId: string;
};

/**
 * Sends a mail over a connection of type `smtp`; its `extra` may say `ssl` (by default true for
 * port 465) and `from_email` (by default the login). Rejects in the server's own words when it is
 * refused, and when the signal aborts.
 */
export async function sendMail(
  mail: Mail,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  const from = senderOf(connection);
  for (const address of [from, ...mail.to]) requireAddress(address);
  const socket = await open(connection, signal);
  const abort = () => socket.destroy(new Error('the mail was not sent in time'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    const replies = repliesOf(socket);
    await replies.expect(220);
    await say(socket, replies, `EHLO ${helloName()}`, 250);
    await signIn(socket, replies, connection);
    await say(socket, replies, `MAIL FROM:<${from}>`, 250);
    for (const address of mail.to) await say(socket, replies, `RCPT TO:<${address}>`, 250);
    await say(socket, replies, 'DATA', 354);
    socket.write(mailText({ ...mail, from, sentAt: new Date() }));
    await say(socket, replies, '.', 250);
    socket.write('QUIT\r\n');
  } finally {
    signal.removeEventListener('abort', abort);
    socket.end();
  }
}

async function open({ host, port, extra }: Connection, signal: AbortSignal): Promise<Socket> {
  const isTls = isEncrypted({ port, extra });
  const at = { host, port: port ?? (isTls ? TLS_PORT : PLAIN_PORT) };
  // A name is told to the server so that it shows the right certificate; an address is none.
  const socket = isTls
    ? connectTls(isIP(host) === 0 ? { ...at, servername: host } : at)
    : connectPlain(at);
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot reach the mail server ${host}:${at.port}: ${cause}`, { cause: error });
  }
}

async function signIn(socket: Socket, replies: Replies, connection: Connection): Promise<void> {
  const { login, password, host } = connection;
  if (password === '') return;
  if (!isEncrypted(connection) && !LOCAL.includes(host)) {
    throw new Error(
      `the connection "${connection.connId}" would send its password in the clear; ` +
        'use port 465, or set "ssl": true in its extra',
    );
  }
  const words = Buffer.from(`\0${login}\0${password}`).toString('base64');
  await say(socket, replies, `AUTH PLAIN ${words}`, 235);
}

async function say(socket: Socket, replies: Replies, words: string, code: number): Promise<void> {
  socket.write(`${words}\r\n`);
  await replies.expect(code);
}

function isEncrypted({ port, extra }: Pick<Connection, 'port' | 'extra'>): boolean {
  return extra['ssl'] === undefined ? port === TLS_PORT : extra['ssl'] === true;
}

function senderOf({ login, host, extra }: Connection): string {
  const { from_email: from } = extra;
  if (typeof from === 'string' && from !== '') return from;
  return login.includes('@') ? login : `dagmesh@${isIP(host) === 0 ? host : 'localhost'}`;
}

function requireAddress(address: string): void {
  if (ADDRESS.test(address)) return;
  throw new Error(`"${address}" is no mail address; write e.g. ada@example.com`);
}

function helloName(): string {
  return hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-') || 'localhost';
}
