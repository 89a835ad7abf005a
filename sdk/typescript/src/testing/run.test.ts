// A run in a test: its states, its values, its log, and the ways it takes.
import { expect, test } from 'vitest';
import { branch, cron, dag } from '../index.ts';
import { etl } from '../testkit/dags/etl.ts';
import { seconds, tested } from '../testkit/tested.ts';
import { fails, returns, takes } from './index.ts';

test('a run runs the functions of the DAG and hands their values on', async () => {
  const t = await tested(etl);
  const run = await t.run({ params: { who: 'me' } });
  expect(run.state).toBe('success');
  expect(run.tasks).toEqual({ extract: 'success', transform: 'success', load: 'success' });
  expect(run.xcoms['load']).toEqual({ return_value: 60 });
  expect(run.params).toEqual({ who: 'me' });
  expect(run.log).toEqual([
    { task: 'load', tryNumber: 1, level: 'info', message: 'loaded 3 rows' },
  ]);
});

test('a run has the data interval of its schedule for a logical date', async () => {
  const daily = dag('daily', { schedule: cron('@daily', { dataInterval: true }) }, (d) => {
    d.task('a', (ctx) => ctx.dataInterval?.start.toISOString());
  });
  const t = await tested(daily);
  const run = await t.run({ logicalDate: '2026-03-05' });
  expect(run.logicalDate).toEqual(new Date('2026-03-05'));
  // As in Airflow: the last interval that is whole by then.
  expect(run.dataInterval?.end).toEqual(new Date('2026-03-05'));
  expect(run.xcoms['a']).toEqual({ return_value: '2026-03-04T00:00:00.000Z' });
});

test('a run fails with what the test puts in the place of a function', async () => {
  const t = await tested(etl, { bodies: { transform: fails('no such column') } });
  const run = await t.run();
  expect(run.state).toBe('failed');
  expect(run.tasks).toEqual({
    extract: 'success',
    transform: 'failed',
    load: 'upstream_failed',
  });
  expect(run.tries['transform']?.map(({ error }) => error)).toEqual(['no such column']);
  expect(run.log.map(({ message }) => message).join()).toContain('no such column');
});

test('a run lets tasks overlap in virtual time', async () => {
  const both = dag('both', (d) => {
    const join = d.task('join', () => 'joined');
    for (const id of ['slow', 'fast']) join.upstream(d.task(id, () => id));
  });
  const bodies = { slow: takes('1h', returns('slow')), fast: takes('10m', returns('fast')) };
  const t = await tested(both, { bodies });
  const run = await t.run();
  expect(run.state).toBe('success');
  expect(seconds(run.start, run.end)).toBe(3_600);
  expect(run.tries['fast']?.[0]?.end).toEqual(new Date('2026-01-01T00:10Z'));
  const narrow = await tested(both, { bodies, slots: 1 });
  expect(seconds((await narrow.run()).start, narrow.now)).toBe(4_200);
});

test('mapped tasks go by the values that tasks really return', async () => {
  const files = dag('files', (d) => {
    const list = d.task('list', () => ['a', 'bb', 'ccc']);
    const size = d
      .partial(
        'size',
        { mapIndexTemplate: '{{ file }}' },
        (ctx) => String(ctx.inputs['file']).length,
      )
      .expand({ file: list.output });
    d.task('sum', { inputs: { sizes: size.output } }, (ctx) =>
      (ctx.inputs.sizes as readonly number[]).reduce((sum, each) => sum + each, 0),
    );
  });
  const t = await tested(files);
  const run = await t.run();
  expect(run.tasks).toEqual({
    list: 'success',
    'size[0]': 'success',
    'size[1]': 'success',
    'size[2]': 'success',
    sum: 'success',
  });
  expect(run.labels['size[1]']).toBe('bb');
  expect(run.xcoms['sum']).toEqual({ return_value: 6 });
  const none = await tested(files, { bodies: { list: returns([]) } });
  expect((await none.run()).tasks['size']).toBe('skipped');
});

test('branches skip what was not chosen', async () => {
  const t = await tested(
    dag('choice', (d) => {
      const choose = d.task(
        'choose',
        branch((ctx) => String(ctx.params['way'])),
      );
      const [left, right] = [d.task('left', () => 1), d.task('right', () => 2)];
      choose.downstream(left, right);
      d.task('after', { triggerRule: 'none_failed_min_one_success' }, () => 3).upstream(
        left,
        right,
      );
    }),
  );
  const { tasks } = await t.run({ params: { way: 'right' } });
  expect(tasks).toMatchObject({ left: 'skipped', right: 'success', after: 'success' });
});
