// A mail server for tests: on a free port, with or without STARTTLS, which keeps what it is sent.
import { text as readText } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { createInbox } from './inbox.ts';

/** A mail as it came over the wire. */
export type ReceivedMail = {
  /** Login and password, as they were given; undefined for a stranger. */
  readonly login: string | undefined;
  readonly isEncrypted: boolean;
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body. */
  readonly text: string;
};

/** A running server. */
export type MailServer = {
  readonly port: number;
  /** The next mail. */
  next(): Promise<ReceivedMail>;
  stop(): void;
};

/** Starts a server; it refuses recipients that contain `refused`. */
export async function startMailServer(
  options: { readonly offersTls?: boolean; readonly host?: string } = {},
): Promise<MailServer> {
  const inbox = createInbox<ReceivedMail>('mail');
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: options.offersTls ? [] : ['STARTTLS'],
    onAuth: ({ username, password }, _session, answer) =>
      answer(null, { user: `${username}:${password}` }),
    onRcptTo: ({ address }, _session, answer) =>
      answer(address.includes('refused') ? new Error('no such user') : null),
    onData: (stream, { envelope, secure, user }, answer) => {
      const receive = async () => {
        const { mailFrom, rcptTo } = envelope;
        inbox.add({
          login: user,
          isEncrypted: secure,
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: await readText(stream),
        });
      };
      receive().then(() => answer(null), answer);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, options.host ?? '127.0.0.1', resolve));
  const address = server.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return {
    port: address.port,
    next: () => inbox.next(),
    stop: () => {
      server.close();
    },
  };
}
