// What a commit writes when part of it is refused.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CommitRequestSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { anAssetEvent, aRun, aTaskInstance, anAttempt } from '../testing/builders.ts';
import { holdBack, rowsOf } from './commit-rows.ts';

const request = (init: MessageInitShape<typeof CommitRequestSchema>) =>
  create(CommitRequestSchema, init);
const none: ReadonlySet<string> = new Set();

describe('rowsOf', () => {
  test('of two changes of one row in a commit the later one counts', () => {
    const instance = aTaskInstance({ state: TaskInstanceState.QUEUED });
    const later = { ...instance, state: TaskInstanceState.RUNNING };
    const other = aTaskInstance({});
    const rows = rowsOf(request({ changedTaskInstances: [instance, other, later] }), none);
    expect(rows.changedTaskInstances).toEqual([later, other]);
  });

  test('of two XComs under one key of one attempt the later one counts', () => {
    const xcoms = [
      { key: 'k', valueJson: '1' },
      { key: 'k', valueJson: '2' },
    ];
    const rows = rowsOf(request({ xcoms: [{ attemptId: 'a', xcoms }] }), none);
    expect(rows.xcoms).toEqual([{ attemptId: 'a', key: 'k', valueJson: '2' }]);
  });

  test('nothing of a refused run is left but its cursor', () => {
    const run = aRun();
    const good = aRun();
    const instance = aTaskInstance({ dagRunId: run.id });
    const kept = aTaskInstance({ dagRunId: good.id });
    const rows = rowsOf(
      request({
        newRuns: [run, good],
        changedRuns: [run, good],
        newTaskInstances: [instance, kept],
        changedTaskInstances: [instance, kept],
        newAttempts: [anAttempt({ taskInstanceId: instance.id })],
        poolClaims: [{ pool: 'p', slots: 1, taskInstanceId: instance.id }],
        receipts: [{ requestId: 'r', dagId: 'etl', dagRunId: run.id }],
        auditEntries: [{ actor: 'ann', action: 'trigger_dag_run', dagId: 'etl', runId: run.runId }],
        assetEvents: [anAssetEvent({ sourceRunId: run.runId })],
        consumedDeliveries: [{ dagId: 'etl', dagRunId: run.id, eventIds: ['e'] }],
        deadlines: [{ deadlineId: 'd', dagRunId: run.id, dagId: 'etl' }],
        slaMisses: [{ taskInstanceId: instance.id, dagRunId: run.id, dagId: 'etl' }],
        cursors: [{ dagId: 'etl' }],
      }),
      new Set([run.id]),
    );
    expect(rows).toMatchObject({
      changedRuns: [good],
      newTaskInstances: [kept],
      changedTaskInstances: [kept],
      newAttempts: [],
      poolClaims: [],
      receipts: [],
      auditEntries: [],
      assetEvents: [],
      takenDeliveries: [],
      deadlines: [],
      slaMisses: [],
      cursors: [{ dagId: 'etl' }],
    });
  });
});

describe('carried XComs', () => {
  const carried = (...steps: readonly string[]) =>
    steps.slice(1).map((to, at) => ({ fromAttemptId: steps[at] ?? '', toAttemptId: to }));
  const made = (...attemptIds: string[]) => attemptIds.map((attemptId) => anAttempt({ attemptId }));

  test('go to the attempt that goes on in the end', () => {
    const carriedXcoms = [...carried('a', 'b', 'c', 'd'), ...carried('x', 'y')];
    const newAttempts = made('b', 'c', 'd', 'y');
    expect(rowsOf(request({ carriedXcoms, newAttempts }), none).carriedXComs).toMatchObject([
      { fromAttemptId: 'a', toAttemptId: 'd' },
      { fromAttemptId: 'b', toAttemptId: 'd' },
      { fromAttemptId: 'c', toAttemptId: 'd' },
      { fromAttemptId: 'x', toAttemptId: 'y' },
    ]);
  });

  test('stay where they are when the attempt is not made', () => {
    const newAttempts = [anAttempt({ attemptId: 'b', taskInstanceId: 'i' })];
    const rows = rowsOf(request({ carriedXcoms: carried('a', 'b'), newAttempts }), none);
    expect(rows.carriedXComs).toHaveLength(1);
    expect(holdBack(rows, new Set(['i'])).carriedXComs).toEqual([]);
  });
});

describe('holdBack', () => {
  const running = { state: TaskInstanceState.RUNNING, tryNumber: 1, epoch: 1n, attemptId: 'x' };

  test('a new task instance that its pool refused begins as scheduled and untried', () => {
    const instance = aTaskInstance({ ...running });
    const rows = rowsOf(
      request({
        newTaskInstances: [instance],
        newAttempts: [anAttempt({ taskInstanceId: instance.id })],
      }),
      none,
    );
    const held = holdBack(rows, new Set([instance.id]));
    expect(held.newAttempts).toEqual([]);
    expect(held.newTaskInstances).toMatchObject([
      { state: TaskInstanceState.SCHEDULED, tryNumber: 0, epoch: 0n, attemptId: '' },
    ]);
  });

  test('a changed one is held instead of written, and its neighbours are not concerned', () => {
    const refused = aTaskInstance(running);
    const granted = aTaskInstance(running);
    const rows = rowsOf(request({ changedTaskInstances: [refused, granted] }), none);
    const held = holdBack(rows, new Set([refused.id]));
    expect(held.heldTaskInstances).toEqual([refused]);
    expect(held.changedTaskInstances).toEqual([granted]);
  });
});
