// What is run for a task: what the test puts in its place, and the world that it finds.
import { expect, test } from 'vitest';
import { branch, chain, dag, shortCircuit, type TriggerRuleName } from '../index.ts';
import { tested } from '../testkit/tested.ts';
import { fails, returns, skips } from './index.ts';

test('what stands for a deciding body decides as that would have', async () => {
  const ways = dag('ways', (d) => {
    const go = d.task(
      'go',
      shortCircuit(() => true),
    );
    const choose = d.task(
      'choose',
      branch(() => 'left'),
    );
    go.downstream(choose);
    choose.downstream(d.emptyTask('left'), d.emptyTask('right'));
  });
  const right = await tested(ways, { bodies: { choose: returns('right') } });
  expect((await right.run()).tasks).toMatchObject({ left: 'skipped', right: 'success' });
  const nowhere = await tested(ways, { bodies: { go: returns(false) } });
  expect((await nowhere.run()).tasks).toMatchObject({ choose: 'skipped', right: 'skipped' });
  const other = await tested(ways, { bodies: { choose: branch(() => ['left', 'right']) } });
  expect((await other.run()).tasks).toMatchObject({ left: 'success', right: 'success' });
});

test.each<readonly [unknown, boolean, TriggerRuleName, readonly string[]]>([
  [false, true, 'all_done', ['skipped', 'skipped']],
  [[], true, 'all_success', ['skipped', 'skipped']],
  [false, false, 'all_done', ['skipped', 'success']],
  [[], false, 'all_success', ['skipped', 'skipped']],
  [true, true, 'all_success', ['success', 'success']],
  [['x'], false, 'all_done', ['success', 'success']],
])('a condition of %j, all skipped: %s, then %s: ends %j', async (condition, all, rule, ends) => {
  const short = dag('short', (d) => {
    const options = { ignoreDownstreamTriggerRules: all };
    const check = d.task(
      'check',
      shortCircuit(() => condition, options),
    );
    chain(check, d.emptyTask('op1'), d.emptyTask('op2', { triggerRule: rule }));
  });
  const run = await (await tested(short)).run();
  expect([run.tasks['op1'], run.tasks['op2']]).toEqual(ends);
  expect(run.xcoms['check']).toEqual({ return_value: condition });
});

test('an offset outside of the values of a mapped task fails whoever pulls it', async () => {
  const offsets = dag('offsets', (d) => {
    const size = d.partial('size', {}, (ctx) => ctx.inputs).expand({ n: [10, 20] });
    const pull = (id: string, offset: number) =>
      d.task(id, ({ xcom }) => xcom.pull({ taskId: 'size', offset }));
    size.downstream(pull('last', -1), pull('beyond', 2));
  });
  const run = await (await tested(offsets)).run();
  expect(run.xcoms['last']).toEqual({ return_value: { n: 20 } });
  expect(run.tries['beyond']?.[0]?.error).toContain('offset 2 is outside of the 2 values');
});

test('what a body returns is kept as its task says, or inherits, whoever runs', async () => {
  const parts = dag('parts', { defaultArgs: { multipleOutputs: true } }, (d) => {
    const make = d.task('make', () => ({ rows: 3 }));
    d.task('quiet', { doXcomPush: false }, () => 'nobody hears it');
    d.task(
      'read',
      { multipleOutputs: false, inputs: { rows: make.xcom<number>('rows') } },
      (ctx) => ctx.inputs.rows,
    );
  });
  const own = await (await tested(parts)).run();
  expect(own.xcoms).toEqual({
    make: { return_value: { rows: 3 }, rows: 3 },
    quiet: {},
    read: { return_value: 3 },
  });
  const bodies = { make: returns({ rows: 7 }), quiet: returns(1) };
  const { xcoms } = await (await tested(parts, { bodies })).run();
  expect(xcoms).toMatchObject({ quiet: {}, read: { return_value: 7 } });
});

test('a list has a body for each try, of which the last one stays', async () => {
  const flaky = dag('flaky_fetch', (d) =>
    d.task('fetch', { retries: 5, retryDelay: '1s' }, () => 1),
  );
  const t = await tested(flaky, { bodies: { fetch: [fails('once'), fails('twice'), returns(3)] } });
  const run = await t.run();
  expect(run.tries['fetch']?.map(({ error }) => error)).toEqual(['once', 'twice', '']);
  expect(run.xcoms['fetch']).toEqual({ return_value: 3 });
});

test('a task has the variables and connections that the test gives it', async () => {
  const t = await tested(
    dag('world', (d) => {
      d.task('use', { connections: ['db'] }, async (ctx) => {
        const before = await ctx.variables.get('greeting');
        await ctx.variables.set('greeting', 'bye');
        await ctx.state.set('seen', 1);
        const { host, port } = await ctx.conn('db');
        return [
          before,
          await ctx.variables.get('greeting'),
          host,
          port,
          await ctx.state.get('seen'),
        ];
      });
      d.task('other', (ctx) => ctx.conn('db').then(({ host }) => host));
    }),
    { variables: { greeting: 'hi' }, connections: [{ connId: 'db', host: 'h', port: 5432 }] },
  );
  const run = await t.run();
  expect(run.xcoms['use']).toEqual({ return_value: ['hi', 'bye', 'h', 5432, 1] });
  expect(run.tries['other']?.[0]?.error).toContain('does not declare connection db');
});

test('a test tells nobody: mails and webhooks stand in the log, callbacks are called', async () => {
  const called: string[] = [];
  const t = await tested(
    dag('told', { onFailure: (ctx) => void called.push(String(ctx.inputs['dag_id'])) }, (d) => {
      d.task('skip', () => 1);
      d.task('fail', () => 2);
    }),
    { bodies: { skip: skips('nothing new'), fail: fails('broken') } },
  );
  const run = await t.run();
  expect(run.tasks).toEqual({ skip: 'skipped', fail: 'failed' });
  await t.advance({ until: '2026-01-01T01:00' });
  expect(called).toEqual(['told']);
});
