// Runs the program git: a list of arguments, no shell, no questions, and never longer than allowed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '#kernel/clock/clock.ts';
import { processEnv } from '#kernel/config/config.ts';
import { type Credentials, withoutSecrets } from '../core/bundle/address.ts';

/** Runs git and answers what it prints; rejects with a sentence without secrets when it fails. */
export type Git = (
  args: readonly string[],
  options: {
    readonly timeMaxMs: number;
    readonly env?: Readonly<Record<string, string>>;
    /** 64 KiB by default; git is ended when it prints more. */
    readonly outputMaxBytes?: number;
  },
) => Promise<string>;

const OUTPUT_MAX_BYTES = 65_536;
const COMPLAINT_MAX_BYTES = 65_536;
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

/** A git that ends when `signal` aborts. `credentials` are told to the place they are for alone. */
export function createGit({
  clock,
  signal,
  credentials,
}: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly credentials: Credentials | undefined;
}): Git {
  const secrets = credentials === undefined ? NO_SECRETS : secretsOf(credentials);
  return async (args, { timeMaxMs, env = {}, outputMaxBytes = OUTPUT_MAX_BYTES }) => {
    signal.throwIfAborted();
    const child = spawn('git', ['-c', 'core.hooksPath=/dev/null', ...secrets.args, ...args], {
      env: { ...SETTINGS, ...inherited(), ...secrets.env, ...env },
      // A group of its own, so that what it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let broken: string | undefined;
    let kill: ReturnType<Clock['timer']> | undefined;
    const end = () => {
      signalGroup(child, 'SIGTERM');
      kill ??= clock.timer(ENDS_WITHIN_MS, () => signalGroup(child, 'SIGKILL'));
    };
    const endBecause = (reason: string) => {
      broken ??= reason;
      end();
    };
    const output = collect(child.stdout, outputMaxBytes, () =>
      endBecause(`git printed more than ${outputMaxBytes} bytes and was ended`),
    );
    const complaint = collectEnd(child.stderr);
    const deadline = clock.timer(timeMaxMs, () =>
      endBecause(`git took longer than ${timeMaxMs / 1_000} s and was ended`),
    );
    signal.addEventListener('abort', end, { once: true });
    try {
      const [code] = await once(child, 'close');
      signal.throwIfAborted();
      if (broken !== undefined) throw new Error(broken);
      if (code === 0) return output();
      throw new Error(`git failed: ${withoutSecrets(complaint().trim()).slice(-TOLD_MAX)}`);
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

type Secrets = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

const NO_SECRETS: Secrets = { args: [], env: {} };

// Everybody on the machine can read the arguments of a program, but not its environment. Helpers of
// the operator are left out, because the bundle names its own user.
function secretsOf({ origin, username, password }: Credentials): Secrets {
  const say = `printf 'username=%s\\npassword=%s\\n' "$DAGMESH_GIT_USER" "$DAGMESH_GIT_PASSWORD"`;
  const helper = `!f() { test "$1" = get && ${say}; }; f`;
  return {
    args: ['-c', 'credential.helper=', '-c', `credential.${origin}.helper=${helper}`],
    env: { DAGMESH_GIT_USER: username, DAGMESH_GIT_PASSWORD: password },
  };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(processEnv()).flatMap(([name, value]) =>
      value === undefined || !PASSED_ON.test(name) ? [] : [[name, value]],
    ),
  );
}

function signalGroup(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It is gone already.
  }
}

function collect(
  stream: NodeJS.ReadableStream,
  bytesMax: number,
  onTooMuch: () => void,
): () => string {
  const chunks: Buffer[] = [];
  let bytesCount = 0;
  stream.on('data', (chunk: Buffer) => {
    bytesCount += chunk.length;
    if (bytesCount > bytesMax) onTooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString();
}

function collectEnd(stream: NodeJS.ReadableStream): () => string {
  let end = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    end = Buffer.concat([end, chunk]).subarray(-COMPLAINT_MAX_BYTES);
  });
  return () => end.toString();
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
