// A mail server for tests: plain SMTP on a free port, which keeps what it is sent.
import { createServer, type Socket } from 'node:net';
import { createInbox } from './inbox.ts';

/** A mail as it came over the wire. */
export type ReceivedMail = {
  readonly commands: readonly string[];
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
export async function startMailServer(): Promise<MailServer> {
  const inbox = createInbox<ReceivedMail>('mail');
  const server = createServer((socket) => talk(socket, (mail) => inbox.add(mail)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return { port: address.port, next: () => inbox.next(), stop: () => void server.close() };
}

function talk(socket: Socket, receive: (mail: ReceivedMail) => void): void {
  const commands: string[] = [];
  let unread = '';
  let text: string | undefined;
  const answer = (line: string) => void socket.write(`${line}\r\n`);
  const hear = (line: string) => {
    if (text !== undefined) {
      if (line !== '.') {
        text += `${line}\r\n`;
        return;
      }
      receive({ commands, text });
      text = undefined;
      return answer('250 2.0.0 queued');
    }
    commands.push(line);
    if (line.startsWith('EHLO'))
      return void socket.write('250-test\r\n250-AUTH PLAIN\r\n250 OK\r\n');
    if (line.startsWith('AUTH')) return answer('235 welcome');
    if (line === 'DATA') {
      text = '';
      return answer('354 go on');
    }
    answer(line.includes('refused') ? '550 5.1.1 no such user' : '250 OK');
  };
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (piece: string) => {
    const lines = (unread + piece).split('\r\n');
    unread = lines.pop() ?? '';
    lines.forEach(hear);
  });
  answer('220 mail.test');
}
