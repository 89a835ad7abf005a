// The replies of a mail server: lines that begin with a code, the last one of each with a blank
// after it.
import type { Socket } from 'node:net';

/** A reply is short; a server that never ends its line is none. */
const BUFFERED_MAX = 65_536;

/** What the server says. */
export type Replies = {
  /** The next reply. Rejects unless it has this code, in the server's own words. */
  expect(code: number): Promise<string>;
};

type Waiter = { resolve(reply: string): void; reject(error: Error): void };

/** Reads the replies from a socket. */
export function repliesOf(socket: Socket): Replies {
  const replies: string[] = [];
  const waiters: Waiter[] = [];
  let text = '';
  let broken: Error | undefined;

  const settle = () => {
    for (let waiter = waiters[0]; waiter !== undefined; [waiter] = waiters) {
      const reply = replies.shift();
      if (reply !== undefined) waiter.resolve(reply);
      else if (broken !== undefined) waiter.reject(broken);
      else return;
      waiters.shift();
    }
  };
  const fail = (error: Error) => {
    broken ??= error;
    settle();
  };

  socket.setEncoding('utf8');
  socket.on('data', (piece: string) => {
    text += piece;
    for (let end = endOfReply(text); end > 0; end = endOfReply(text)) {
      replies.push(text.slice(0, end).trim());
      text = text.slice(end);
    }
    if (text.length > BUFFERED_MAX) socket.destroy(new Error('the mail server talks nonsense'));
    settle();
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the mail server hung up')));

  return {
    expect: async (code) => {
      const reply = await new Promise<string>((resolve, reject) => {
        waiters.push({ resolve, reject });
        settle();
      });
      if (reply.startsWith(`${code}`)) return reply;
      throw new Error(`the mail server refused: ${reply}`);
    },
  };
}

/** Behind the last line of the first reply; 0 while it is not whole. */
function endOfReply(text: string): number {
  const last = /^\d{3}(?: [^\n]*)?\r?\n/m.exec(text);
  return last === null ? 0 : last.index + last[0].length;
}
