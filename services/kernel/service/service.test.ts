// A service as a program: what it says when it cannot start, when it serves, and how it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/wait.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { reasonOf } from '../errors/errors.ts';
import { createDial } from '../rpc/client.ts';
import { freePort } from './free-port.ts';
import { aQuestion, clusterKey, failureOf } from '../rpc/test-doors.ts';

const main = fileURLToPath(new URL('test-main.ts', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('a program', () => {
  it('that is configured badly ends with code 2 and names every variable', async () => {
    const program = run({ DAGMESH_TEST_PORT: 'x', DAGMESH_CLUSTER_KEY: clusterKey });
    expect(await program.exitCode).toBe(2);
    expect(program.stderr()).toContain('test: bad configuration');
    expect(program.stderr()).toContain('DAGMESH_TEST_PORT is "x"; it must be a whole number');
    expect(program.stdout()).toBe('');
  });

  it('without a cluster key says how to make one', async () => {
    const program = run({});
    expect(await program.exitCode).toBe(2);
    expect(program.stderr()).toContain('DAGMESH_CLUSTER_KEY is not set');
    expect(program.stderr()).toContain('openssl rand');
  });

  it('serves, says that it is well, and ends with code 0 when it is asked to', async () => {
    const { ports, ...program } = await runWell();
    await eventually(() => isWell(ports.metrics), soon('it is well'));
    const dial = createDial({ caller: 'api', clusterKey });
    const client = dial(SchedulerService, `127.0.0.1:${ports.grpc}`);
    expect((await client.explain(aQuestion)).summary).toBe('at your service');
    await dial.close();
    program.child.kill('SIGTERM');
    expect(await program.exitCode).toBe(0);
    expect(program.stdout()).toBe('starting\nstarted\nstopped\n');
  });

  it('lets nobody in before it has started, and can be stopped even then', async () => {
    const { ports, ...program } = await runWell({ TEST_START_MS: '60000' });
    await eventually(() => program.stdout().includes('starting'), soon('it is starting'));
    expect(await isWell(ports.metrics)).toBe(false);
    const dial = createDial({ caller: 'api', clusterKey });
    const client = dial(SchedulerService, `127.0.0.1:${ports.grpc}`);
    expect(reasonOf(await failureOf(client.explain(aQuestion)))).toBe('starting');
    await dial.close();
    program.child.kill('SIGTERM');
    expect(await program.exitCode).toBe(0);
  });

  it('whose port is taken ends with code 1 and says which', async () => {
    const { ports, ...first } = await runWell();
    await eventually(() => isWell(ports.metrics), soon('the first is well'));
    const second = run({
      DAGMESH_CLUSTER_KEY: clusterKey,
      DAGMESH_TEST_PORT: `${ports.grpc}`,
      DAGMESH_TEST_METRICS_PORT: '0',
    });
    expect(await second.exitCode).toBe(1);
    expect(second.stderr()).toContain(`cannot listen on 127.0.0.1:${ports.grpc}`);
    first.child.kill('SIGTERM');
    await first.exitCode;
  });
});

function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...env } });
  children.push(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, exitCode, stdout: () => stdout, stderr: () => stderr };
}

async function runWell(env: Readonly<Record<string, string>> = {}) {
  const ports = { grpc: await freePort(), metrics: await freePort() };
  const program = run({
    DAGMESH_CLUSTER_KEY: clusterKey,
    DAGMESH_TEST_PORT: `${ports.grpc}`,
    DAGMESH_TEST_METRICS_PORT: `${ports.metrics}`,
    ...env,
  });
  return { ...program, ports };
}

async function isWell(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
  return response?.status === 200;
}

function soon(what: string) {
  return { deadlineMs: 60_000, what };
}
