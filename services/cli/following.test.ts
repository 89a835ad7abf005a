// Commands that last: they show what happens while it happens, and end cleanly when interrupted.
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type FakeMesh, startFakeMesh } from '../../tests/kit/fake-mesh.ts';
import { logLine, tokenOf } from '../../tests/kit/fake-world.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startCli } from './test-cli.ts';

let mesh: FakeMesh;
beforeAll(async () => {
  mesh = await startFakeMesh();
  const attempt = mesh.world.attempts.get('validate')?.[1] ?? {};
  attempt.state = TaskAttemptState.RUNNING;
});
afterAll(() => mesh.stop());

const FOLLOW = ['tasks', 'logs', 'etl', 'latest', 'validate', '-f'];
const soon = (what: string) => ({ deadlineMs: 60_000, what });

/** A log that is being written. */
function writing(text: string) {
  const log = { text, isComplete: false };
  mesh.world.logs.set('validate/2', log);
  return log;
}

describe('following a log', () => {
  test('shows each line when it is written, and ends with the attempt', async () => {
    const log = writing(logLine('one'));
    const cli = startCli(FOLLOW, { url: mesh.url });
    await eventually(() => cli.stdout().includes('one'), soon('the first line is shown'));
    log.text += logLine('zwölf 🚀');
    await eventually(() => cli.stdout().includes('zwölf 🚀'), soon('the second line is shown'));
    log.isComplete = true;
    const { code, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'validate is success.\n' });
  });

  test('ends with 130 when it is interrupted, without another word', async () => {
    writing(logLine('one'));
    const cli = startCli(FOLLOW, { url: mesh.url });
    await eventually(() => cli.stdout().includes('one'), soon('the first line is shown'));
    cli.signal('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 130, stderr: '' });
  });

  test('ends with 0 when its reader has had enough', async () => {
    const log = writing(logLine('one'));
    const follow = [process.execPath, 'services/cli/dagmesh.mjs', ...FOLLOW].join(' ');
    const shell = spawn('bash', ['-c', `${follow} | head -1; echo "\${PIPESTATUS[0]}"`], {
      env: { DAGMESH_API: mesh.url, DAGMESH_TOKEN: tokenOf('viewer'), PATH: '/usr/bin:/bin' },
    });
    let said = '';
    shell.stdout.on('data', (chunk) => (said += chunk));
    shell.stderr.on('data', (chunk) => (said += chunk));
    const ended = new Promise((resolve) => shell.once('close', resolve));
    await eventually(() => said.includes('one'), soon('the first line is shown'));
    // Only the next write finds out that nobody reads.
    log.text += logLine('two');
    await ended;
    expect(said.trim().split('\n').at(-1)).toBe('0');
    expect(said).not.toContain('EPIPE');
  });
});

describe('waiting for a run', () => {
  test('ends with 130 when it is interrupted; the run goes on', async () => {
    const args = ['dags', 'trigger', 'etl', '-r', 'long', '--wait'];
    const cli = startCli(args, { url: mesh.url });
    await eventually(() => cli.stderr().includes('Waiting'), soon('it waits'));
    cli.signal('SIGTERM');
    expect(await cli.ended).toMatchObject({ code: 130, stdout: 'long\n' });
    expect(mesh.asked.map(({ rpc }) => rpc)).not.toContain('CancelDagRun');
  });
});
