// Runs the program git: with a list of arguments, without a shell, and never asking anybody.
import { execFile } from 'node:child_process';
import { type Env, processEnv } from '#kernel/config/config.ts';

/** Runs git and answers what it printed; rejects with an Error that an operator understands. */
export type Git = (
  args: readonly string[],
  options?: { readonly indexFile?: string },
) => Promise<string>;

const GIT_TIME_MAX_MS = 60_000;
const OUTPUT_MAX_BYTES = 1024 * 1024;
const SHOWN_MAX = 500;

/** A git whose calls end when `signal` aborts, or after 60 s. */
export function createGit(options: {
  readonly signal: AbortSignal;
  /** Where the program is; by default it is looked up as any other. */
  readonly program?: string;
}): Git {
  const { signal, program = 'git' } = options;
  const env = quietEnv(processEnv());
  return (args, { indexFile } = {}) =>
    new Promise((resolve, reject) => {
      const how = {
        ...{ signal, timeout: GIT_TIME_MAX_MS, maxBuffer: OUTPUT_MAX_BYTES },
        env: indexFile === undefined ? env : { ...env, GIT_INDEX_FILE: indexFile },
      };
      execFile(program, [...args], how, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new Error(explain(error, stderr), { cause: error }));
      });
    });
}

// Proxies and keys of the operator count; what this mesh keeps secret is none of git's business,
// and neither is a repository that we happen to be started in.
function quietEnv(env: Env): Record<string, string | undefined> {
  const isLeftOut = /^(DAGMESH_|GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY)$)/;
  const kept = Object.entries(env).filter(([name]) => !isLeftOut.test(name));
  return {
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

function explain(error: Error & { code?: unknown; killed?: boolean }, stderr: string): string {
  if (error.code === 'ENOENT') {
    return 'the program git is not there; install it where the dag-processor runs';
  }
  if (error.killed === true) return `git took longer than ${GIT_TIME_MAX_MS / 1_000} s`;
  const said = stderr.trim() === '' ? error.message : stderr.trim();
  return withoutPasswords(said).replaceAll('\n', ' ').slice(0, SHOWN_MAX);
}

function withoutPasswords(text: string): string {
  return text.replaceAll(/\/\/[^/\s@]+@/g, '//');
}
