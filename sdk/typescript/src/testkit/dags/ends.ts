// A DAG whose tasks end in every way a task can end; the tests of the worker run them one by one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { dag, FailTask, RetryTask, SkipTask, type TaskContext, task } from '@dagmesh/sdk';

/** An exported function is a handler under its own name. */
export function greet({ params }: TaskContext): string {
  return `Hello, ${params.name}`;
}

/** So is an exported template. */
export const double = task('double', ({ inputs }: TaskContext<{ n: number }>) => inputs.n * 2);

export const ends = dag('ends', {}, (d) => {
  d.task('noop', () => undefined);
  d.task('answers', async ({ inputs, params }) => ({ inputs, params }));
  d.task('throws', () => {
    throw new TypeError('no such column', { cause: new Error('the table has 3 columns') });
  });
  d.task('skips', () => {
    throw new SkipTask('nothing new today');
  });
  d.task('fails_for_good', () => {
    throw new FailTask('the account was closed');
  });
  d.task('asks_for_time', () => {
    throw new RetryTask('429', { delay: '90s' });
  });
  d.task('exits', () => process.exit(3));
  d.task('kills_itself', () => process.kill(process.pid, 'SIGKILL') && sleep(60_000));
  d.task('rejects_unhandled', async () => {
    void sleep(50).then(() => Promise.reject(new Error('forgotten promise')));
    await sleep(60_000);
  });
  d.task('fills_the_heap', () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push(new Array(100_000).fill(Math.random()));
  });
  d.task('returns_10_mb', () => 'x'.repeat(10 * 1024 * 1024));
  d.task('returns_a_circle', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    return circle;
  });
  d.task('sleeps', () => sleep(60_000));
  d.task('spins', () => {
    console.log(`pid ${process.pid}`);
    for (;;);
  });
  d.task('winds_up', async ({ signal, log }) => {
    log.info('working');
    await once(signal, 'abort');
    log.info(`winding up because: ${signal.reason.message}`);
  });
  d.task('traps_term', async ({ log }) => {
    process.on('SIGTERM', () => log.warn('TERM? never heard of it'));
    const helper = spawn('sh', ['-c', 'trap "" TERM; echo ready; sleep 60; sleep 60'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    log.info(`pids ${process.pid} ${helper.pid}`);
    await sleep(60_000);
  });
});

export const talks = dag('talks', {}, (d) => {
  d.task('in_every_way', async ({ log }) => {
    console.log('a number: %d', 42);
    console.warn('careful');
    console.error(new Error('not thrown'));
    process.stdout.write('two ');
    process.stdout.write('chunks\nno line feed');
    log.debug('details', { rows: 3 });
    const program = spawn('sh', ['-c', 'echo out of a program; echo err of a program >&2'], {
      stdio: 'inherit',
    });
    await once(program, 'exit');
  });
  d.task('too_much', ({ params }) => {
    const line = 'x'.repeat(1_000);
    for (let bytes = 0; bytes < Number(params.bytes); bytes += line.length) console.log(line);
  });
  d.task('secrets', async ({ conn }) => {
    const { password, login } = await conn('store');
    console.log(`password=${password} url=${encodeURIComponent(password)}`);
    console.log(`basic ${Buffer.from(`${login}:${password}`).toString('base64')}`);
    process.stdout.write(`half ${password.slice(0, 5)}`);
    process.stdout.write(`${password.slice(5)} whole\n`);
    throw new Error(`cannot sign in with ${password}`);
  });
  d.task('at_the_door', async ({ variables }) => {
    while ((await variables.get('door')) !== 'open') await sleep(10);
    return process.pid;
  });
  d.task('its_pid', () => process.pid);
  d.task('its_context', (context) => {
    const { signal, log, xcom, variables, state, outletEvents, ...facts } = context;
    return { ...facts, tools: [signal, log, xcom, variables, state, outletEvents].length };
  });
  d.task('its_token', () => ({
    token: process.env.DAGMESH_WORKER_TOKEN ?? 'unset',
    key: process.env.DAGMESH_CLUSTER_KEY ?? 'unset',
  }));
  d.task('side_by_side', async ({ params, log }) => {
    for (let step = 0; step < 3; step += 1) {
      console.log(`${params.name} ${step}`);
      await sleep(20);
    }
    log.info(`${params.name} done`);
    return process.pid;
  });
  d.task('calls', async (ctx) => {
    await ctx.variables.set('colour', 'green', { description: 'of the door' });
    await ctx.xcom.push('rows', [1, 2]);
    const runId = await ctx.triggerDagRun('other', { conf: { deep: true } });
    return {
      colour: await ctx.variables.get('colour'),
      missing: (await ctx.variables.get('missing')) ?? 'nothing',
      upstream: await ctx.xcom.pull({ taskId: 'extract', key: 'rows' }),
      states: await ctx.taskStates(),
      runId,
    };
  });
});
