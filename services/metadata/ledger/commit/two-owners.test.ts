// Two schedulers that both believe they own a DAG: whatever one of them writes is there whole,
// once, or not at all.
import pg from 'pg';
import { expect, test } from 'vitest';
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  BackfillAction,
  BackfillState,
  ReprocessBehavior,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { eventually } from '../../../../tests/kit/wait.ts';
import {
  anAssetEvent,
  anAttempt,
  aRun,
  aScheduler,
  aTaskInstance,
  ledgerOf,
  refusal,
  storeDag,
  type TestScheduler,
} from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, rowsOf, databaseUrl } = useMetadata();

const TABLES = [
  ...['dag_run', 'task_instance', 'task_attempt', 'xcom', 'dag_schedule', 'slot_pool_entry'],
  ...['command_receipt', 'audit_log', 'asset_event', 'asset_delivery', 'dag_run_asset_event'],
  ...['backfill', 'backfill_dag_run', 'deadline', 'sla_miss', 'key_pause', 'dag'],
];
/** What every table holds, so that no trace of a commit can hide. */
async function everything() {
  const dumps = TABLES.map(async (table) => {
    const [row] = await rowsOf(`select json_agg(t order by t::text)::text as rows from ${table} t`);
    return [table, row?.['rows'] ?? null] as const;
  });
  return Object.fromEntries(await Promise.all(dumps));
}

/** Lets every lease run out, as time would, and lets a new scheduler take all over. */
async function takeOver(): Promise<TestScheduler> {
  await rowsOf(`update scheduler_heartbeat set expires_at = now() - interval '1 ms'`);
  return aScheduler(metadata);
}

const at = toTimestamp(Date.UTC(2026, 0, 1));

/** A live run of `etl` with a task that waits, an update that awaits the DAG, a backfill. */
async function aBusyDag(owner: TestScheduler) {
  const condition = { kind: { case: 'asset' as const, value: { name: 'orders' } } };
  const dagVersionId = await storeDag(metadata, {
    dagId: 'etl',
    assets: [{ name: 'orders' }],
    timetable: { kind: { case: 'asset', value: { condition } } },
    isPausedUponCreation: false,
  });
  const run = aRun({ dagVersionId });
  const instance = aTaskInstance({ dagRunId: run.id });
  const attempt = anAttempt({ taskInstanceId: instance.id });
  const event = anAssetEvent();
  await owner.commit({
    newRuns: [run],
    newTaskInstances: [instance],
    newAttempts: [attempt],
    xcoms: [{ attemptId: attempt.attemptId, xcoms: [{ key: 'before', valueJson: '1' }] }],
    assetEvents: [event],
  });
  return { dagVersionId, run, instance, attempt, event };
}

/** A commit that has something in each of its fields. */
function aFullCommit(busy: Awaited<ReturnType<typeof aBusyDag>>) {
  const { run, instance, attempt, event } = busy;
  const made = aRun({ dagVersionId: busy.dagVersionId });
  const fresh = aTaskInstance({ dagRunId: made.id });
  const next = anAttempt({ taskInstanceId: instance.id, epoch: 2n });
  const place = { dagId: 'etl', dagRunId: run.id };
  const backfillId = uuidV7();
  return {
    newRuns: [made],
    changedRuns: [{ ...run, note: 'looked at' }],
    newTaskInstances: [fresh],
    changedTaskInstances: [{ ...instance, note: 'late', attemptId: next.attemptId }],
    newAttempts: [next],
    endedAttempts: [{ ...attempt, state: TaskAttemptState.WAITING }],
    xcoms: [{ attemptId: next.attemptId, xcoms: [{ key: 'after', valueJson: '2' }] }],
    poolClaims: [{ pool: 'default_pool', slots: 1, taskInstanceId: instance.id }],
    cursors: [{ dagId: 'etl', nextRunAfter: at }],
    pauses: [{ dagId: 'etl', isPaused: true }],
    receipts: [{ requestId: uuidV7(), dagId: 'etl', dagRunId: made.id, runId: made.runId }],
    auditEntries: [{ actor: 'ann', action: 'set_note', dagId: 'etl', detailsJson: '{}' }],
    assetEvents: [anAssetEvent()],
    consumedDeliveries: [{ dagId: 'etl', dagRunId: made.id, eventIds: [event.id] }],
    backfills: [
      {
        backfillId,
        dagId: 'etl',
        state: BackfillState.RUNNING,
        reprocessBehavior: ReprocessBehavior.NONE,
        dates: [{ ordinal: 1, logicalDate: at, action: BackfillAction.CREATE }],
      },
    ],
    deadlines: [{ ...place, deadlineId: uuidV7(), name: 'soon', dueAt: at }],
    slaMisses: [
      { ...place, taskInstanceId: instance.id, taskId: 'extract', dueAt: at, missedAt: at },
    ],
    keyPauses: [{ dagId: 'etl', key: 'api', until: at }],
    carriedXcoms: [{ fromAttemptId: attempt.attemptId, toAttemptId: next.attemptId }],
  };
}

test('what an owner of yesterday writes leaves no trace in any table', async () => {
  const yesterday = await takeOver();
  const commit = aFullCommit(await aBusyDag(yesterday));
  const today = await takeOver();
  const before = await everything();
  expect(await refusal(yesterday.commit(commit))).toBe('stale_epoch');
  expect(await everything()).toEqual(before);
  await today.commit(commit);
  const after = await everything();
  const changed = TABLES.filter((table) => after[table] !== before[table]);
  expect(changed).toEqual(TABLES);
});

test('of commits in the middle of a takeover each is there whole or not at all', async () => {
  const busy = await aBusyDag(await takeOver());
  const written = new Map<string, boolean>();
  const writeOn = async (owner: TestScheduler) => {
    for (let count = 0; count < 40; count += 1) {
      const deadlineId = uuidV7();
      const place = { deadlineId, dagId: 'etl', dagRunId: busy.run.id };
      const outcome = await refusal(
        owner.commit({
          auditEntries: [{ actor: deadlineId, action: 'probe', dagId: 'etl', detailsJson: '{}' }],
          assetEvents: [anAssetEvent({ partitionKey: deadlineId })],
          deadlines: [{ ...place, name: 'probe', dueAt: at }],
          keyPauses: [{ dagId: 'etl', key: deadlineId, until: at }],
        }),
      );
      written.set(deadlineId, outcome === undefined);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
  let owner = await takeOver();
  for (let round = 0; round < 4; round += 1) {
    const writing = writeOn(owner);
    await eventually(() => written.size > round * 3, { deadlineMs: 60_000, what: 'it writes' });
    const heir = await takeOver();
    // What the old owner holds locked at that moment moves at the next renewal.
    await heir.renew();
    expect([undefined, 'stale_epoch']).toContain(await writing);
    await heir.renew();
    owner = heir;
  }
  await writeOn(owner);
  expect(new Set(written.values())).toEqual(new Set([true, false]));
  const traces = await rowsOf(`
    select probe.id, (select count(*)::integer from audit_log where actor = probe.id)
      + (select count(*)::integer from asset_event where partition_key = probe.id)
      + (select count(*)::integer from deadline where id::text = probe.id)
      + (select count(*)::integer from key_pause where key = probe.id) as count
    from unnest('{${[...written.keys()].join(',')}}'::text[]) as probe (id)`);
  for (const { id, count } of traces) expect(count).toBe(written.get(String(id)) ? 4 : 0);
});

test('a commit whose connection dies half way is not there, and is applied when repeated', async () => {
  const owner = await takeOver();
  const busy = await aBusyDag(owner);
  const deadlineId = uuidV7();
  const deadline = { deadlineId, dagId: 'etl', dagRunId: busy.run.id, name: 'held', dueAt: at };
  await owner.commit({ deadlines: [deadline] });
  const full = aFullCommit(busy);
  const request = owner.request({ ...full, deadlines: [{ ...deadline, missedAt: at }] });
  const before = await everything();

  const holder = new pg.Client({ connectionString: databaseUrl() });
  await holder.connect();
  try {
    await holder.query('begin');
    await holder.query('select from deadline where id = $1 for update', [deadlineId]);
    const dying = ledgerOf(metadata)
      .commit(request)
      .catch((error: unknown) => reasonOf(error));
    // Runs, instances, attempts and events are written; the deadline is waited for.
    const blocked = `select pid from pg_stat_activity
      where wait_event_type = 'Lock' and query like '%insert into deadline%'`;
    await eventually(async () => (await rowsOf(blocked)).length === 1, {
      deadlineMs: 60_000,
      what: 'the commit waits for the deadline',
    });
    await rowsOf(`select pg_terminate_backend(pid) from (${blocked}) as waiting`);
    expect(await dying).toBe('database_unavailable');
  } finally {
    await holder.end();
  }
  expect(await everything()).toEqual(before);

  const [first, second] = [await owner.commit(request), await ledgerOf(metadata).commit(request)];
  expect(second).toEqual(first);
  const missed = await rowsOf(`select missed_at from deadline where id = '${deadlineId}'`);
  expect(missed[0]?.['missed_at']).not.toBeNull();
  const runs = await rowsOf(`select from dag_run where id = '${full.newRuns[0]?.id}'`);
  expect(runs).toHaveLength(1);
});
