// Tests that ask for what cannot be, and the words in which they are told what to do instead.
import { expect, test, vi } from 'vitest';
import { dag, DeferTask, RetryTask, trigger } from '../index.ts';
import { etl } from '../testkit/dags/etl.ts';
import { tested } from '../testkit/tested.ts';
import { returns, sleep, testDag } from './index.ts';

/** Something of each kind that runs no code. */
const kinds = dag('kinds', (d) => {
  d.emptyTask('nothing');
  d.latestOnly('latest');
  d.approval('ask', { subject: 'Go on?' });
  d.wait('file', trigger.file({ path: '/in' }));
  d.partial('load', {}, () => 1).expand({ row: [1, 2] });
});

test.each<[string, Parameters<typeof testDag>, string]>([
  ['no DAG', [[]], 'takes a DAG made by dag(), or a list of them such as `await dagsIn(file)`'],
  ['a promise of DAGs', [Promise.resolve([etl]) as never], 'await dagsIn(file)'],
  ['an option that there is not', [etl, { body: {} } as never], 'no option "body"'],
  ['a date that is none', [etl, { startDate: 'soon' }], 'startDate: "soon" is no date'],
  ['no slots', [etl, { slots: 0 }], 'slots is 0; it must be a whole number from 1'],
  ['a time that is none', [etl, { bodyTimeout: '4' as never }], 'bodyTimeout: "4" is not a span'],
  [
    'a task that there is not',
    [etl, { bodies: { lod: returns(1) } }],
    'there is no task "lod" (did you mean "load"?), but extract, transform, load',
  ],
  ['an instance', [kinds, { bodies: { 'load[1]': returns(1) } }], 'context.mapIndex'],
  ['a value for a body', [etl, { bodies: { load: 5 as never } }], 'write returns(value)'],
  ['values for bodies', [etl, { bodies: { load: [5] as never } }], 'write returns(value)'],
  ['a body for no try', [etl, { bodies: { load: [] } }], 'write returns(value)'],
  ['code for an empty task', [kinds, { bodies: { nothing: returns(1) } }], 'it runs no code'],
  ['code for the clock', [kinds, { bodies: { latest: returns(1) } }], 'the clock of the test'],
  ['code for people', [kinds, { bodies: { ask: returns(1) } }], "respond('ask', { choose: … })"],
  ['code for a wait', [kinds, { bodies: { file: returns(1) } }], "fire('file', { event: … })"],
])('a test of %s is none', async (_, given, words) => {
  await expect(testDag(...given)).rejects.toThrow(words);
});

test('what is asked of a run is checked before anything happens', async () => {
  const t = await tested(etl);
  await expect(t.explain('load')).rejects.toThrow('DAG "etl" has no run yet');
  const strange: readonly [() => Promise<unknown>, string][] = [
    [() => t.run({ logical_date: '2026-01-01' } as never), '(did you mean "logicalDate"?)'],
    [() => t.run({ logicalDate: 'soon' }), 'logicalDate: "soon" is no date'],
    [() => t.run({ until: 'soon' }), 'until: "soon" is no date'],
    [() => t.run({ dagId: 'lte' }), 'there is no DAG "lte" in this test, but etl'],
    [() => t.advance({} as never), 'advance() needs the option "until"'],
    [() => t.advance({ until: '2025-01-01' }), 'never goes back'],
    [() => t.updateAsset('table'), 'no DAG of this test names an asset "table", nor any other'],
  ];
  for (const [asked, words] of strange) await expect(asked()).rejects.toThrow(words);
  expect(await t.runs()).toEqual([]);
  await t.run({ runId: 'one' });
  await expect(t.run({ runId: 'one' })).rejects.toMatchObject({ reason: 'run_exists' });
  await expect(t.play({ until: '2025-01-01' })).rejects.toThrow('never goes back');
  await expect(t.explain('lod')).rejects.toMatchObject({ reason: 'task_not_found' });
  await expect(t.respond('load', undefined as never)).rejects.toThrow('respond(): its options');
});

test('a body that does not end is named, and what can be done about it', async () => {
  const bodies = { transform: () => new Promise(() => undefined) };
  const t = await tested(etl, { bodies, bodyTimeout: '100ms' });
  await expect(t.run()).rejects.toThrow(/task "transform" of etl has run for 0.1 s .*bodyTimeout/);
  await expect(t.play()).rejects.toMatchObject({ reason: 'body_timeout' });
});

test('a body sleeps once at a time, and what it leaves behind asleep still counts', async () => {
  const both = async (ctx: Parameters<typeof sleep>[0]) => {
    await Promise.all([sleep(ctx, '1m'), sleep(ctx, '2m')]);
  };
  const t = await tested(etl, { bodies: { extract: both } });
  const run = await t.run();
  expect(run.tries['extract']?.[0]?.error).toContain('await one sleep before the next');
  expect(t.now).toEqual(new Date('2026-01-01T00:01Z'));
});

test('what a body asks for and cannot have is the failure of its task', async () => {
  const again = () => {
    throw new RetryTask('busy', { delay: '5 minutes' as never });
  };
  const run = await (await tested(etl, { bodies: { extract: again } })).run();
  expect(run.tries['extract']?.[0]?.error).toContain('"5 minutes" is not a span of time');
});

test('a task that starts a DAG outside of the test is told that it is not there', async () => {
  const starting = dag('starting', (d) => d.task('start', (ctx) => ctx.triggerDagRun('other')));
  const run = await (await tested(starting)).run();
  expect(run.tries['start']?.[0]?.error).toContain('there is no DAG "other" in this test');
});

test('a test that is left while it is asked for something says so, and ends', async () => {
  const t = await tested(etl);
  const asked = t.run();
  await Promise.all([expect(asked).rejects.toThrow('await what it is asked for'), t.close()]);
});

test('a test says of a task for other workers what to do', async () => {
  const remote = dag('remote', (d) => {
    d.task('count', { handler: 'count.py:count' });
  });
  const run = await (await tested(remote)).run();
  expect(run.tries['count']?.[0]?.error).toContain("bodies: { 'count': … }");
  const faked = await tested(remote, { bodies: { count: returns(3) } });
  expect((await faked.run()).xcoms['count']).toEqual({ return_value: 3 });
});

test('a play ends when there is no end in sight, and names what is stuck', async () => {
  const endless = dag('endless', (d) => d.task('again', () => 1));
  const t = await tested(endless, {
    attemptsMax: 20,
    bodies: {
      again: () => {
        throw new DeferTask({ trigger: trigger.after('1s') });
      },
    },
  });
  await expect(t.run()).rejects.toThrow(/no end in sight after \d+ attempts: .*"again"/);
});

test('a test says where it has looked for a simulator', async () => {
  vi.stubEnv('DAGMESH_SIMULATOR', 'nowhere/main.ts');
  await expect(testDag(etl)).rejects.toThrow('there is no simulator at nowhere/main.ts');
  vi.unstubAllEnvs();
});

test('a test cannot go on once it is closed', async () => {
  const t = await tested(etl);
  await t.close();
  await expect(t.run()).rejects.toMatchObject({ reason: 'closed' });
});
