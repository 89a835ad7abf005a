// The engine: nobody is answered before the ledger, and everybody is told when it refuses.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  type CommitRequest,
  CommitResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import type { Deciding } from '../../core/deciding.ts';
import { loadPicture } from '../../core/load/load.ts';
import type { Moment } from '../../core/picture.ts';
import { createRun } from '../../core/run/runs.ts';
import { loadedDag, aRun } from '../../testing/picture-world.ts';
import { createEvents } from '../../events.ts';
import type { CommitClient } from './committer.ts';
import { createEngine } from './engine.ts';
import { createOwnership } from './ownership.ts';

const accepted = create(CommitResponseSchema, {});

function anEngine(commit: CommitClient['commit']) {
  const clock = new FakeClock();
  const ownership = createOwnership();
  const engine = createEngine({
    ledger: { commit },
    ownership,
    timing: { leaseTtlMs: 15_000, killGraceMs: 10_000, sweepMs: 1_000 },
    clock,
    events: createEvents(createLog('test', 'silent'), createMetrics('test')),
    onCommitted: () => undefined,
    onDecided: () => undefined,
  });
  loadPicture(engine.picture(), loadedDag({ tasks: [{ taskId: 'a' }] }), engine.moment());
  return { clock, engine, ownership };
}

let runsCount = 0;
function aTrigger({ picture, ...rest }: Deciding, moment: Moment) {
  const dag = picture.dags.get('d');
  if (dag === undefined) throw fail('not_owner', 'no such DAG here');
  const runId = `r${++runsCount}`;
  return createRun({ picture, ...rest }, moment, dag, { ...aRun(moment), runId });
}

test('a commit whose answer was lost is repeated under its number', async () => {
  const seen: CommitRequest[] = [];
  const { clock, engine } = anEngine(async (request) => {
    seen.push(request);
    if (seen.length === 1) throw fail('unreachable', 'the answer was lost');
    return accepted;
  });
  const decided = engine.decide(aTrigger);
  await clock.advance(1_000);
  await decided;
  expect(seen.map(({ commitSeq }) => commitSeq)).toEqual([1n, 1n]);
  expect(seen[1]).toBe(seen[0]);
});

test('a decision that changes nothing is answered after the commit under way', async () => {
  const answer = Promise.withResolvers<typeof accepted>();
  const { clock, engine } = anEngine(() => answer.promise);
  const order: string[] = [];
  const first = engine.decide(aTrigger).then(() => order.push('trigger'));
  const second = engine.decide(() => undefined).then(() => order.push('nothing'));
  await clock.advance(1_000);
  expect(order).toEqual([]);
  answer.resolve(accepted);
  await Promise.all([first, second]);
  expect(order).toEqual(['trigger', 'nothing']);
});

test('a stale epoch tells everybody not_owner, and who waits for work goes on waiting', async () => {
  const answer = Promise.withResolvers<typeof accepted>();
  const { engine, ownership } = anEngine(() => answer.promise);
  const before = { id: ownership.schedulerId(), picture: engine.picture() };
  const { signal } = new AbortController();
  const decided = [engine.decide(aTrigger), engine.decide(aTrigger)];
  const results = Promise.allSettled(decided);
  const waiter = { executorId: 'e', offers: [], leases: [] };
  void engine.waitForLeases(waiter, { ms: 60_000, signal });
  answer.reject(fail('stale_epoch', 'another one owns it'));
  const reasons = (await results).map((each) =>
    each.status === 'rejected' ? reasonOf(each.reason) : 'answered',
  );
  expect(reasons).toEqual(['not_owner', 'not_owner']);
  expect(ownership.schedulerId()).not.toBe(before.id);
  expect(engine.picture()).not.toBe(before.picture);
  expect(engine.picture().waiters.has(waiter)).toBe(true);
});

test('an executor that hangs up no longer waits', async () => {
  const { engine } = anEngine(async () => accepted);
  const call = new AbortController();
  const waiter = { executorId: 'e', offers: [], leases: [] };
  const waiting = engine.waitForLeases(waiter, { ms: 60_000, signal: call.signal });
  call.abort();
  expect(await waiting).toEqual([]);
  expect(engine.picture().waiters.size).toBe(0);
});

test('a commit that hangs does not keep a scheduler from stopping', async () => {
  const { clock, engine } = anEngine(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(fail('unreachable', 'given up')));
      }),
  );
  const decided = engine.decide(aTrigger).catch(reasonOf);
  const stopped = engine.stop();
  await clock.advance(5_000);
  await stopped;
  expect(await decided).toBe('not_owner');
});
