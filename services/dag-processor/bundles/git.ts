// Runs the program git: a list of arguments, no shell, no questions, and never longer than allowed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '#kernel/clock/clock.ts';
import { processEnv } from '#kernel/config/config.ts';

/** Runs git and answers what it prints; rejects with a sentence when it fails. */
export type Git = (
  args: readonly string[],
  options: { readonly timeMaxMs: number; readonly env?: Readonly<Record<string, string>> },
) => Promise<string>;

const OUTPUT_MAX_BYTES = 65_536;
const TOLD_MAX = 1_000;
// Told to end, git removes its own locks; killed, it leaves them.
const ENDS_WITHIN_MS = 5_000;

/** What an operator may have set up for git, such as keys: all that it gets of our environment. */
const PASSED_ON =
  /^(PATH|HOME|XDG_CONFIG_HOME|SSH_AUTH_SOCK|GIT_SSH_COMMAND|GIT_SSL_CAINFO|SSL_CERT_(FILE|DIR)|(HTTPS?|ALL|NO)_PROXY)$/i;

const SETTINGS = {
  LANG: 'C.UTF-8',
  // Whoever would be asked for a password is not there.
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  SSH_ASKPASS: 'true',
  GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
  // Not those that run commands, such as ext.
  GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
};

/** A git that ends when `signal` aborts. */
export function createGit({
  clock,
  signal,
}: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Git {
  return async (args, { timeMaxMs, env = {} }) => {
    signal.throwIfAborted();
    const child = spawn('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
      env: { ...SETTINGS, ...inherited(), ...env },
      // A group of its own, so that what it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collectEnd(child.stdout);
    const complaint = collectEnd(child.stderr);
    let isLate = false;
    const end = () => {
      signalGroup(child, 'SIGTERM');
      kill = clock.timer(ENDS_WITHIN_MS, () => signalGroup(child, 'SIGKILL'));
    };
    let kill: ReturnType<Clock['timer']> | undefined;
    const deadline = clock.timer(timeMaxMs, () => {
      isLate = true;
      end();
    });
    signal.addEventListener('abort', end, { once: true });
    try {
      const [code] = await once(child, 'close');
      signal.throwIfAborted();
      if (isLate) throw new Error(`git took longer than ${timeMaxMs / 1_000} s and was ended`);
      if (code !== 0) throw new Error(`git failed: ${withoutPasswords(complaint().trim())}`);
      return output();
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new Error('git is not installed here; install it, or remove the git bundles', {
        cause: error,
      });
    } finally {
      deadline.cancel();
      kill?.cancel();
      signal.removeEventListener('abort', end);
    }
  };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(processEnv()).flatMap(([name, value]) =>
      value === undefined || !PASSED_ON.test(name) ? [] : [[name, value]],
    ),
  );
}

// An address may hold a password, and what git says is logged and shown.
function withoutPasswords(text: string): string {
  return text.replaceAll(/\/\/[^/\s@]+@/g, '//').slice(-TOLD_MAX);
}

function signalGroup(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It is gone already.
  }
}

function collectEnd(stream: NodeJS.ReadableStream): () => string {
  let end = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    end = Buffer.concat([end, chunk]).subarray(-OUTPUT_MAX_BYTES);
  });
  return () => end.toString();
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
