// Running git: what goes wrong is a sentence for people, and nothing waits for ever.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock/clock.ts';
import { createGit } from './git.ts';

function aGit() {
  const stopping = new AbortController();
  return { git: createGit({ clock: systemClock, signal: stopping.signal }), stopping };
}

/** A server that takes calls and never says a word. */
async function aSilentServer() {
  const server = createServer(() => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { url: `git://127.0.0.1:${port}/x`, end: () => server.close() };
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
