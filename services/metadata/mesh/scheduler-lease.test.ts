// Partitions between schedulers: shared evenly, moved when one stops or dies, never written by two.
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  PartitionService,
  type WatchPartitionsResponse,
} from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { execute, startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { aRun, aScheduler, type TestScheduler } from '../testing/builders.ts';
import { startMetadata, type TestMetadata } from '../testing/metadata.ts';

let postgres: TestPostgres;
let databaseUrl: string;
let metadata: TestMetadata;

beforeAll(async () => {
  postgres = await startPostgres();
});
beforeEach(async () => {
  databaseUrl = await postgres.createDatabase();
  metadata = await startMetadata(databaseUrl);
});
afterEach(() => metadata.stop());
afterAll(() => postgres.stop());

const partitions = (caller = 'scheduler') => metadata.as(caller, PartitionService);
/** Lets a scheduler's lease run out, as time would. */
const silence = (scheduler: TestScheduler) =>
  execute(
    databaseUrl,
    `update scheduler_heartbeat set expires_at = now() - interval '1 ms'
     where scheduler_id = '${scheduler.id}'`,
  );
const commitReason = (scheduler: TestScheduler) =>
  scheduler.commit({ newRuns: [aRun()] }).then(
    () => 'committed',
    (error: unknown) => reasonOf(error),
  );

/** Follows the map until stopped. */
function follow(caller: string) {
  const ended = new AbortController();
  const maps: WatchPartitionsResponse[] = [];
  const reading = (async () => {
    const stream = partitions(caller).watchPartitions({}, { signal: ended.signal });
    for await (const map of stream) maps.push(map);
  })().catch(() => undefined);
  return {
    newest: () => maps.at(-1),
    stop: async () => {
      ended.abort();
      await reading;
    },
  };
}

describe('sharing', () => {
  test('the first scheduler gets all partitions at once, each with an epoch', async () => {
    const scheduler = await aScheduler(metadata);
    expect(scheduler.epochs.size).toBe(256);
    expect(new Set(scheduler.epochs.values())).toEqual(new Set([1n]));
  });

  test('a renewal without changes keeps every epoch', async () => {
    const scheduler = await aScheduler(metadata);
    const before = scheduler.epochs;
    await scheduler.renew();
    expect(scheduler.epochs).toEqual(before);
  });

  test('three schedulers end with an even share of disjoint partitions', async () => {
    const schedulers = [
      await aScheduler(metadata),
      await aScheduler(metadata),
      await aScheduler(metadata),
    ];
    for (const one of [...schedulers, ...schedulers]) await one.renew();
    const owned = schedulers.flatMap((one) => [...one.epochs.keys()]);
    expect(new Set(owned).size).toBe(256);
    expect(owned).toHaveLength(256);
    expect(Math.max(...schedulers.map((one) => one.epochs.size))).toBeLessThanOrEqual(86);
  });

  test('schedulers that all renew at the same moment never own a partition twice', async () => {
    const schedulers = await Promise.all(Array.from({ length: 5 }, () => aScheduler(metadata)));
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(schedulers.map((one) => one.renew()));
    }
    const owned = schedulers.flatMap((one) => [...one.epochs.keys()]);
    expect(owned).toHaveLength(256);
    expect(new Set(owned).size).toBe(256);
  });

  test('what a scheduler gave up it can no longer write', async () => {
    const first = await aScheduler(metadata);
    await aScheduler(metadata);
    const before = new Map(first.epochs);
    await first.renew();
    const given = [...before].find(([partition]) => !first.epochs.has(partition));
    expect(given).toBeDefined();
    const [partition, epoch] = given ?? [0, 0n];
    const call = first.commit({ fences: [{ partition, epoch }] });
    await expect(call.catch((error: unknown) => reasonOf(error))).resolves.toBe('stale_epoch');
  });
});

describe('the loss of a scheduler', () => {
  test('a silent one loses everything to the living, and its writes are refused', async () => {
    const dead = await aScheduler(metadata);
    await dead.commit({ newRuns: [aRun()] });
    await silence(dead);
    const heir = await aScheduler(metadata);
    expect(heir.epochs.size).toBe(256);
    expect(heir.epochs.get(partitionOf('etl'))).toBe(
      (dead.epochs.get(partitionOf('etl')) ?? 0n) + 1n,
    );
    expect(await commitReason(dead)).toBe('stale_epoch');
    expect(await commitReason(heir)).toBe('committed');
  });

  test('one that comes back keeps its commit number and gets a new share', async () => {
    const dead = await aScheduler(metadata);
    await dead.commit({});
    await silence(dead);
    const heir = await aScheduler(metadata);
    const answer = await partitions().renewScheduler({ schedulerId: dead.id, address: 'a:1' });
    expect(answer).toMatchObject({ partitions: [], commitSeq: 1n });
    await heir.renew();
    await dead.renew();
    expect(dead.epochs.size).toBe(128);
    await expect(dead.commit({ fences: fencesOf(dead) })).resolves.toBeDefined();
  });

  test('a dying scheduler is not robbed in the middle of a commit', async () => {
    const dying = await aScheduler(metadata);
    // Stands for the commit: it holds the session's lock, as lock_session.sql does.
    const locked = await holdSession(dying.id);
    await silence(dying);
    const heir = await aScheduler(metadata);
    expect(heir.epochs.size).toBe(0);
    await locked.release();
    await heir.renew();
    expect(heir.epochs.size).toBe(256);
  });

  test('one that stops gives everything back at once', async () => {
    const leaving = await aScheduler(metadata);
    const heir = await aScheduler(metadata);
    await partitions().releaseScheduler({ schedulerId: leaving.id });
    await partitions().releaseScheduler({ schedulerId: leaving.id });
    await heir.renew();
    expect(heir.epochs.size).toBe(256);
    expect(await commitReason(leaving)).toBe('stale_epoch');
  });

  test('a lease ends by itself when its time is over', async () => {
    const dead = await aScheduler(metadata, { ttlMs: 200 });
    expect(dead.epochs.size).toBe(256);
    const heir = await aScheduler(metadata);
    await eventually(
      async () => {
        await heir.renew();
        return heir.epochs.size === 256;
      },
      { deadlineMs: 60_000, what: 'the heir owns everything' },
    );
  });
});

describe('the map', () => {
  test('is sent whole at once and at every change, by each metadata service', async () => {
    const other = await startMetadata(databaseUrl);
    const watch = follow('api');
    const ended = new AbortController();
    try {
      const scheduler = await aScheduler(other);
      await partitions('executor').renewExecutor({ executorId: 'e1', address: '127.0.0.1:7103' });
      await eventually(
        () => {
          const map = watch.newest();
          return map?.schedulers[0]?.partitions.length === 256 && map.executors.length === 1;
        },
        { deadlineMs: 60_000, what: 'the map names both' },
      );
      expect(watch.newest()?.schedulers).toMatchObject([
        { schedulerId: scheduler.id, address: '127.0.0.1:7102' },
      ]);
      const late = other
        .as('executor', PartitionService)
        .watchPartitions({}, { signal: ended.signal });
      for await (const map of late) {
        expect(map.schedulers).toHaveLength(1);
        break;
      }
      await partitions('executor').releaseExecutor({ executorId: 'e1' });
      await other.as('scheduler', PartitionService).releaseScheduler({ schedulerId: scheduler.id });
      await eventually(
        () => watch.newest()?.schedulers.length === 0 && watch.newest()?.executors.length === 0,
        { deadlineMs: 60_000, what: 'the map is empty again' },
      );
    } finally {
      ended.abort();
      await watch.stop();
      await other.stop();
    }
  });

  test('forgets an executor that fell silent, at the next renewal of anybody', async () => {
    const watch = follow('scheduler');
    const ttl = toDuration(100);
    await partitions('executor').renewExecutor({ executorId: 'gone', address: 'a:1', ttl });
    await eventually(() => watch.newest()?.executors.length === 1, {
      deadlineMs: 60_000,
      what: 'it is known',
    });
    const scheduler = await aScheduler(metadata);
    await eventually(
      async () => {
        await scheduler.renew();
        return watch.newest()?.executors.length === 0;
      },
      { deadlineMs: 60_000, what: 'it is forgotten' },
    );
    await watch.stop();
  });
});

function fencesOf(scheduler: TestScheduler) {
  return [...scheduler.epochs].map(([partition, epoch]) => ({ partition, epoch }));
}

async function holdSession(schedulerId: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query('select id from scheduler_session where id = $1 for no key update', [
    schedulerId,
  ]);
  return {
    release: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}
