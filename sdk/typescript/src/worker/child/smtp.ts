// Sends one mail over SMTP, through the connection that the mail names.
import { createTransport } from 'nodemailer';
import type { Connection } from '../../task/context.ts';

const PLAIN_PORT = 25;
const TLS_PORT = 465;
const LOCAL = ['localhost', '127.0.0.1', '::1'];
const ADDRESS = /^[^\s<>@"(),:;\\[\]]+@[^\s<>@"(),:;\\[\]]+$/;

/** A server that says nothing for so long is given up, whoever waits. */
const SILENCE_MAX_MS = 30_000;

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
 * Sends a mail over a connection of type `smtp`; its `extra` may say `ssl` (TLS from the first
 * byte; by default true for port 465), `disable_tls` (no STARTTLS although the server offers it)
 * and `from_email` (by default the login). A password is only sent over TLS or to this very
 * machine. Rejects in the server's own words when the mail is refused, and when the signal aborts.
 */
export async function sendMail(
  mail: Mail,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  const from = senderOf(connection);
  for (const address of [from, ...mail.to]) requireAddress(address);
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new Error('the mail was not sent in time'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    const sending = createTransport(routeOf(connection)).sendMail({
      from,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.body,
      messageId: `<${mail.messageId.replaceAll(/[^A-Za-z0-9.-]/g, '-')}@dagmesh>`,
    });
    const { rejected } = await Promise.race([sending, tooLate]);
    if (rejected.length > 0) throw new Error(`not taken for ${rejected.join(', ')}`);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`mail server ${connection.host}: ${cause}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** How the server is reached: where, whether encrypted, and as whom. */
function routeOf({ host, port, login, password, extra }: Connection) {
  const isTls = extra['ssl'] === undefined ? port === TLS_PORT : extra['ssl'] === true;
  return {
    host,
    port: port ?? (isTls ? TLS_PORT : PLAIN_PORT),
    secure: isTls,
    ignoreTLS: extra['disable_tls'] === true,
    requireTLS: password !== '' && !LOCAL.includes(host),
    ...(password === '' ? {} : { auth: { user: login, pass: password } }),
    connectionTimeout: SILENCE_MAX_MS,
    greetingTimeout: SILENCE_MAX_MS,
    socketTimeout: SILENCE_MAX_MS,
  };
}

function senderOf({ login, extra }: Connection): string {
  const { from_email: from } = extra;
  if (typeof from === 'string' && from !== '') return from;
  return login.includes('@') ? login : 'dagmesh@localhost';
}

function requireAddress(address: string): void {
  if (ADDRESS.test(address)) return;
  throw new Error(`"${address}" is no mail address; write e.g. ada@example.com`);
}
