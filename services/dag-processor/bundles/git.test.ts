// Running git: what goes wrong is a sentence for people, and nothing waits for ever.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { type Credentials, readAddress } from '../core/bundle/address.ts';
import { createGit } from './git.ts';

function aGit(credentials?: Credentials) {
  const stopping = new AbortController();
  return { git: createGit({ clock: systemClock, signal: stopping.signal, credentials }), stopping };
}

/** A server that takes calls and never says a word. */
async function aSilentServer() {
  const server = createServer(() => undefined);
  return { url: `git://127.0.0.1:${await portOf(server)}/x`, end: () => server.close() };
}

async function anHttpServer(answer: RequestListener) {
  const server = createHttpServer(answer);
  return { place: `127.0.0.1:${await portOf(server)}`, end: () => server.close() };
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** The command lines of all programs on this machine. */
function commandLines(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(commandLineOf).join('\n');
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test('a machine without git is told what to do', async () => {
  const { git } = aGit();
  await expect(git(['version'], { timeMaxMs: 5_000, env: { PATH: '/nowhere' } })).rejects.toThrow(
    'git is not installed here; install it, or remove the git bundles',
  );
});

test('what git complains about is in the error', async () => {
  const { git } = aGit();
  const asked = git(['ls-remote', '--', '/no/such/repository'], { timeMaxMs: 10_000 });
  await expect(asked).rejects.toThrow(/git failed: .*\/no\/such\/repository/s);
});

test('a password in an address is shown to nobody', async () => {
  const { git } = aGit();
  const asked = git(['ls-remote', '--', 'http://me:secret@127.0.0.1:1/x'], { timeMaxMs: 10_000 });
  const error = await asked.catch(String);
  expect(error).toContain('http://127.0.0.1:1/x');
  expect(error).not.toContain('secret');
});

test('a password is told to the server that asks for it, and stands in no arguments', async () => {
  const heard: { authorization: string | undefined; commandLines: string }[] = [];
  const { place, end } = await anHttpServer(({ headers: { authorization } }, response) => {
    heard.push({ authorization, commandLines: commandLines() });
    const status = authorization === undefined ? 401 : 404;
    response.writeHead(status, { 'www-authenticate': 'Basic realm="x"' }).end();
  });
  const { url, credentials } = readAddress(`http://me:p%40ss,word@${place}/x`);
  const { git } = aGit(credentials);
  await git(['ls-remote', '--', url], { timeMaxMs: 10_000 }).catch(String);
  end();
  const basic = `Basic ${Buffer.from('me:p@ss,word').toString('base64')}`;
  expect(heard.map(({ authorization }) => authorization)).toContain(basic);
  const seen = heard.map((each) => each.commandLines).join('');
  expect(seen).toContain(url);
  expect(seen).not.toMatch(/p(@|%40)ss,word/);
});

test('a password is told to no other server', async () => {
  const told: (string | undefined)[] = [];
  const { place, end } = await anHttpServer(({ headers }, response) => {
    told.push(headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
  });
  const { git } = aGit(readAddress('http://me:secret@example.org/x').credentials);
  await git(['ls-remote', '--', `http://${place}/x`], { timeMaxMs: 10_000 }).catch(String);
  end();
  expect(told.length).toBeGreaterThan(0);
  expect(told.join('')).not.toContain(Buffer.from('me:secret').toString('base64'));
});

test('a git that prints without end is ended', async () => {
  const { git } = aGit();
  const asked = git(['help', '--all'], { timeMaxMs: 10_000, outputMaxBytes: 100 });
  await expect(asked).rejects.toThrow('git printed more than 100 bytes and was ended');
});

test('transports that run commands are refused', async () => {
  const { git } = aGit();
  const asked = git(['ls-remote', '--', 'ext::touch /tmp/never'], { timeMaxMs: 10_000 });
  await expect(asked).rejects.toThrow("transport 'ext' not allowed");
});

test('a server that never answers is given up after a while', async () => {
  const { git } = aGit();
  const { url, end } = await aSilentServer();
  await expect(git(['ls-remote', '--', url], { timeMaxMs: 300 })).rejects.toThrow(
    'git took longer than 0.3 s',
  );
  end();
});

test('when we stop, nobody waits for git any longer', async () => {
  const { git, stopping } = aGit();
  const { url, end } = await aSilentServer();
  const asked = git(['ls-remote', '--', url], { timeMaxMs: 60_000 });
  stopping.abort(new Error('we stop'));
  await expect(asked).rejects.toThrow('we stop');
  end();
});
