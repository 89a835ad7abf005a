// What a test plays that does not happen by itself: triggers, people, other DAGs.
import { expect, test } from 'vitest';
import { asset, AwaitInput, dag, DeferTask, partitioned, trigger } from '../index.ts';
import { tested } from '../testkit/tested.ts';

test('any other trigger is fired by the test, and until then the run says what it waits for', async () => {
  const t = await tested(
    dag('hook', (d) => {
      d.task('answer', (ctx) => {
        if (ctx.resume !== undefined) return ctx.resume.event;
        throw new DeferTask({ trigger: trigger.http({ url: 'https://example.com' }) });
      });
    }),
  );
  const run = await t.run();
  expect(run.state).toBe('running');
  expect(run.tasks).toEqual({ answer: 'deferred' });
  expect(run.waits['answer']).toContain('trigger (http)');
  expect(await t.explain('answer')).toBe(run.waits['answer']);
  await t.fire('answer', { event: { status: 200 } });
  expect((await t.play()).xcoms['answer']).toEqual({ return_value: { status: 200 } });
  await expect(t.fire('answer')).rejects.toThrow('waits for no trigger');
});

test('people are the test', async () => {
  const t = await tested(
    dag('ask', (d) => {
      const approve = d.approval('approve', { subject: 'ship it?' });
      const ship = d.task('ship', (ctx) => {
        if (ctx.resume?.response) return ctx.resume.response.chosenOptions[0];
        throw new AwaitInput({ subject: 'where to?', options: ['here', 'there'] });
      });
      approve.downstream(ship);
    }),
  );
  const run = await t.run();
  expect(run.waits['approve']).toContain('an answer to "ship it?"');
  await expect(t.respond('approve', { choose: 'Perhaps' })).rejects.toMatchObject({
    reason: 'bad_answer',
  });
  await t.respond('approve', { choose: 'Approve', by: 'ann' });
  expect((await t.play()).tasks).toEqual({ approve: 'success', ship: 'awaiting_input' });
  await t.respond('ship', { choose: ['there'] });
  const done = await t.play();
  expect(done.state).toBe('success');
  expect(done.xcoms['ship']).toEqual({ return_value: 'there' });
});

test('an update of an asset starts the DAG that awaits it', async () => {
  const table = asset('table');
  const producer = dag('producer', (d) => d.task('write', { outlets: [table] }, () => 1));
  const consumer = dag('consumer', { schedule: table }, (d) => {
    d.task('read', (ctx) => ctx.triggeringAssetEvents.map(({ source }) => source?.taskId ?? ''));
  });
  const t = await tested([producer, consumer]);
  await t.run({ dagId: 'producer' });
  const run = await t.play({ dagId: 'consumer' });
  expect(run).toMatchObject({ runType: 'asset_triggered', state: 'success' });
  expect(run.xcoms['read']).toEqual({ return_value: ['write'] });
  await t.updateAsset(table, { rows: 7 });
  await t.play({ dagId: 'consumer' });
  expect(await t.runs('consumer')).toHaveLength(2);
});

test('an update of one part of an asset makes a run for that part', async () => {
  const clicks = asset('clicks_by_day');
  const consumer = dag('by_day', { schedule: partitioned(clicks) }, (d) => {
    d.task('sum', ({ partitionKey }) => partitionKey);
  });
  const t = await tested(consumer);
  await t.updateAsset(clicks, { rows: 1 }, { partitionKey: '2026-02-10' });
  const run = await t.play();
  expect(run).toMatchObject({ partitionKey: '2026-02-10', state: 'success' });
  expect(run.xcoms['sum']).toEqual({ return_value: '2026-02-10' });
});
