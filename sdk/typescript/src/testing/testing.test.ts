// The test kit, with DAGs as authors write them.
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  asset,
  AwaitInput,
  branch,
  cron,
  type Dag,
  dag,
  DeferTask,
  RetryTask,
  sensor,
  trigger,
} from '../index.ts';
import {
  type DagTest,
  fails,
  now,
  returns,
  skips,
  sleep,
  takes,
  type TestDagOptions,
  testDag,
} from './index.ts';

const open: DagTest[] = [];

async function tested(dags: Dag | readonly Dag[], options: TestDagOptions = {}): Promise<DagTest> {
  const made = await testDag(dags, { startDate: '2026-01-01', ...options });
  open.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** Extract, transform, load: one after the other. */
const etl = dag('etl', { schedule: '@daily' }, (d) => {
  const extract = d.task('extract', () => [1, 2, 3]);
  const transform = d.task('transform', { inputs: { rows: extract.output } }, (ctx) => {
    const rows = ctx.inputs.rows as readonly number[];
    return rows.map((row) => row * 10);
  });
  d.task('load', { inputs: { rows: transform.output } }, (ctx) => {
    const rows = ctx.inputs.rows as readonly number[];
    ctx.log.info('loaded', rows.length, 'rows');
    return rows.reduce((sum, row) => sum + row, 0);
  });
});

const seconds = (from: Date | undefined, to: Date | undefined) =>
  ((to?.getTime() ?? Number.NaN) - (from?.getTime() ?? Number.NaN)) / 1_000;

describe('a run', () => {
  test('runs the functions of the DAG and hands their values on', async () => {
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

  test('has the data interval of its schedule for a logical date', async () => {
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

  test('fails with what the test puts in the place of a function', async () => {
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

  test('lets tasks overlap in virtual time', async () => {
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
});

describe('retries', () => {
  const flaky = dag('flaky', (d) => {
    d.task(
      'fetch',
      { retries: 3, retryDelay: '5m', retryExponentialBackoff: true, maxRetryDelay: '15m' },
      () => 'fetched',
    );
  });

  test('wait on the virtual clock, to the instant that was asked for', async () => {
    const wait = () => {
      throw new RetryTask('busy', { delay: '90s' });
    };
    const t = await tested(flaky, { bodies: { fetch: [wait, wait, returns('ok')] } });
    const run = await t.run();
    expect(run.state).toBe('success');
    expect(run.tries['fetch']?.map(({ start }) => start)).toEqual([
      new Date('2026-01-01T00:00:00Z'),
      new Date('2026-01-01T00:01:30Z'),
      new Date('2026-01-01T00:03:00Z'),
    ]);
  });

  test('back off within their bounds, and end', async () => {
    const t = await tested(flaky, { bodies: { fetch: fails('down') } });
    const run = await t.run();
    expect(run.tasks).toEqual({ fetch: 'failed' });
    const tries = run.tries['fetch'] ?? [];
    expect(tries.map(({ number, state }) => [number, state])).toEqual(
      [1, 2, 3, 4].map((number) => [number, 'failed']),
    );
    const waits = tries.slice(1).map(({ start }, index) => seconds(tries[index]?.end, start));
    // From the delay doubled to twice that, but never beyond the most.
    expect(waits[0]).toBeGreaterThanOrEqual(300);
    expect(waits[0]).toBeLessThanOrEqual(900);
    expect(waits[2]).toBe(900);
    // As in Airflow, what is told apart is the task and its run: the same every time.
    const again = await (await tested(flaky, { bodies: { fetch: fails('down') } })).run();
    expect(again.end).toEqual(run.end);
  });
});

describe('mapping and branches', () => {
  test('go by the values that tasks really return', async () => {
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

  test('skip what was not chosen', async () => {
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
});

describe('waiting', () => {
  test('a rescheduled sensor looks again on the virtual clock', async () => {
    let pokesCount = 0;
    const t = await tested(
      dag('watch', (d) => {
        d.task(
          'file',
          sensor(() => ++pokesCount === 4, { mode: 'reschedule', pokeInterval: '10m' }),
        );
      }),
    );
    const run = await t.run();
    expect(run.tasks).toEqual({ file: 'success' });
    expect(pokesCount).toBe(4);
    expect(seconds(run.start, run.end)).toBe(1_800);
    expect(run.tries['file']?.map(({ number }) => number)).toEqual([1, 1, 1, 1]);
  });

  test('a poking sensor sleeps on the virtual clock, while others go on', async () => {
    const t = await tested(
      dag('poke', (d) => {
        d.task(
          'wait',
          sensor(async (ctx) => (await ctx.taskStates())['work'] === 'success', {
            pokeInterval: '1m',
          }),
        );
        d.task('work', () => 'done');
      }),
      { bodies: { work: takes('90s', returns('done')) } },
    );
    const run = await t.run();
    expect(run.tasks).toEqual({ wait: 'success', work: 'success' });
    expect(seconds(run.start, run.end)).toBe(120);
  });

  test('a sensor that finds nothing times out after its seven days', async () => {
    const t = await tested(
      dag('never', (d) => {
        d.task(
          'poking',
          sensor(() => false, { pokeInterval: '6h' }),
        );
        d.task(
          'away',
          sensor(() => false, { mode: 'reschedule', pokeInterval: '6h' }),
        );
      }),
    );
    const run = await t.run();
    expect(run.tasks).toEqual({ poking: 'failed', away: 'failed' });
    expect(seconds(run.start, run.end)).toBe((7 * 24 + 6) * 3_600);
  });

  test('a timer wakes a deferred task at its instant', async () => {
    const t = await tested(
      dag('later', (d) => {
        d.task('defer', (ctx) => {
          if (ctx.resume !== undefined) return ctx.resume.event;
          throw new DeferTask({ trigger: trigger.after('3h') });
        });
      }),
    );
    const run = await t.run();
    expect(run.xcoms['defer']).toEqual({ return_value: { moment: '2026-01-01T03:00:00.000Z' } });
    expect(t.now).toEqual(new Date('2026-01-01T03:00Z'));
  });

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
});

describe('schedules', () => {
  test('a year of a daily DAG has 365 runs', async () => {
    const t = await tested(etl);
    const runs = await t.advance({ until: '2026-12-31' });
    expect(runs).toHaveLength(365);
    expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['success']));
    expect(runs.flatMap(({ tasks }) => Object.values(tasks))).toHaveLength(3 * 365);
    expect(runs[0]?.logicalDate).toEqual(new Date('2026-01-01'));
    expect(runs.at(-1)?.runAfter).toEqual(new Date('2026-12-31'));
    expect(t.now).toEqual(new Date('2026-12-31'));
  });

  test('catching up over a change of the clocks makes a day of 23 hours', async () => {
    const local = dag(
      'local',
      {
        schedule: cron('0 0 * * *', { timezone: 'Europe/Berlin', dataInterval: true }),
        startDate: '2026-03-28T00:00+01:00',
        catchup: true,
      },
      (d) => d.task('a', () => 'a'),
    );
    const t = await tested(local, { startDate: '2026-03-31T12:00Z' });
    const runs = await t.advance({ until: '2026-03-31T12:00Z' });
    const hours = runs.map(
      ({ dataInterval }) => seconds(dataInterval?.start, dataInterval?.end) / 3_600,
    );
    expect(runs.map(({ runAfter }) => runAfter?.toISOString())).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ]);
    expect(hours).toEqual([24, 23, 24]);
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
});

describe('the world of a task', () => {
  test('has the variables and connections that the test gives it', async () => {
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

  test('has a clock and ends with its execution timeout', async () => {
    const t = await tested(
      dag('slow', (d) => {
        d.task('slow', { executionTimeout: '10m' }, () => 1);
      }),
      {
        bodies: {
          slow: async (ctx) => {
            await sleep(ctx, '8m');
            const at = now(ctx);
            await sleep(ctx, '8m');
            return at.toISOString();
          },
        },
      },
    );
    const run = await t.run();
    expect(run.tries['slow']?.[0]).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('600 s'),
    });
    expect(t.now).toEqual(new Date('2026-01-01T00:10Z'));
  });

  test('tells nobody: mails and webhooks stand in the log, callbacks are called', async () => {
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
});

describe('a test that asks for what cannot be', () => {
  test('is told so', async () => {
    await expect(testDag([])).rejects.toThrow('takes a DAG made by dag()');
    await expect(tested(etl, { bodies: { lod: returns(1) } })).rejects.toThrow(
      'there is no task "lod", but extract, transform, load',
    );
    const t = await tested(etl);
    await expect(t.explain('load')).rejects.toThrow('DAG "etl" has no run yet');
    await t.run({ runId: 'one' });
    await expect(t.run({ runId: 'one' })).rejects.toMatchObject({ reason: 'run_exists' });
    await expect(t.explain('lod')).rejects.toMatchObject({ reason: 'task_not_found' });
    await expect(t.run({ dagId: 'lte' })).rejects.toThrow(
      'there is no DAG "lte" in this test, but etl',
    );
    await expect(t.advance({ until: '2025-01-01' })).rejects.toThrow('never goes back');
    await expect(t.run({ logicalDate: 'soon' })).rejects.toThrow('"soon" is no date');
  });

  test('says of a task for other workers what to do', async () => {
    const remote = dag('remote', (d) => {
      d.task('count', { handler: 'count.py:count' });
    });
    const run = await (await tested(remote)).run();
    expect(run.tries['count']?.[0]?.error).toContain("bodies: { 'count': … }");
    const faked = await tested(remote, { bodies: { count: returns(3) } });
    expect((await faked.run()).xcoms['count']).toEqual({ return_value: 3 });
  });

  test('ends when there is no end in sight, and names what is stuck', async () => {
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

  test('says where it has looked for a simulator', async () => {
    vi.stubEnv('DAGMESH_SIMULATOR', 'nowhere/main.ts');
    await expect(testDag(etl)).rejects.toThrow('there is no simulator at nowhere/main.ts');
    vi.unstubAllEnvs();
  });

  test('cannot go on once it is closed', async () => {
    const t = await tested(etl);
    await t.close();
    await expect(t.run()).rejects.toMatchObject({ reason: 'closed' });
  });
});
