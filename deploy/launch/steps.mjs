// How the launcher talks: one line per step, with the time it took; commands run quietly unless
// they fail.
import { spawn } from 'node:child_process';

/** Runs a step and says so: `▸ packages … installed (17.2 s)`. The step answers what to say. */
export async function step(name, run) {
  const startedAt = performance.now();
  process.stderr.write(`▸ ${name} … `);
  try {
    const outcome = await run();
    const seconds = (performance.now() - startedAt) / 1000;
    process.stderr.write(`${outcome}${seconds < 0.5 ? '' : ` (${seconds.toFixed(1)} s)`}\n`);
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
}

/** A failure whose message is meant for the person at the terminal. */
export class LaunchError extends Error {}

/** Runs a command to its end; its output is shown only when it fails. Answers stdout. */
export function quietly(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', all: '' };
    child.stdout.on('data', (text) => {
      output.stdout += text;
      output.all += text;
    });
    child.stderr.on('data', (text) => {
      output.all += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output.stdout);
      else reject(new LaunchError(`${command} ${args.join(' ')} failed:\n${output.all.trimEnd()}`));
    });
  });
}

/**
 * Runs a command in the foreground and answers its exit code; Ctrl-C is the command's own business.
 */
export function foreground(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const ignore = () => {};
    const child = spawn(command, args, { ...options, stdio: 'inherit' });
    const forward = () => child.kill('SIGTERM');
    process.on('SIGINT', ignore);
    process.on('SIGTERM', forward);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
