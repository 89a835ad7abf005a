// A small installation in memory: what the fake mesh answers from, and what tests change.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DeadlineSchema, SlaMissSchema } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import type { GetAssetResponseSchema } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import type { BackfillStatusSchema } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import type { ConnectionSchema } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import type { GetDagResponseSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import type { HumanInputSchema } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import type { PoolSchema } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import type { VariableSchema } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import type { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import {
  type DagRunSchema,
  DagRunState,
  RunType,
  type TaskAttemptSchema,
  TaskAttemptState,
  type TaskInstanceSchema,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type WorkerSchema, WorkerState } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { BackfillState, ReprocessBehavior } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';

type Init<S extends Parameters<typeof import('@bufbuild/protobuf').create>[0]> = Exclude<
  MessageInitShape<S>,
  { readonly $typeName: string }
>;

/** The log of one attempt as its executor has it. */
export type FakeLog = { text: string; isComplete: boolean };

/** Everything there is. Tests may change any of it while the mesh runs. */
export type World = {
  readonly dags: Map<string, Init<typeof GetDagResponseSchema>>;
  readonly runs: Map<string, Init<typeof DagRunSchema>>;
  readonly tasks: Init<typeof TaskInstanceSchema>[];
  /** Task ids: those that a mark finds so already, and those that failed below one. */
  marks: { readonly soAlready: readonly string[]; readonly failed: readonly string[] };
  /** By task_id. */
  readonly attempts: Map<string, Init<typeof TaskAttemptSchema>[]>;
  /** By `<task_id>/<epoch>`. */
  readonly logs: Map<string, FakeLog>;
  /** By `<task_id>/<key>`: JSON. */
  readonly xcoms: Map<string, string>;
  readonly humanInputs: Init<typeof HumanInputSchema>[];
  readonly backfills: Map<string, Init<typeof BackfillStatusSchema>>;
  readonly assets: Map<string, Init<typeof GetAssetResponseSchema>>;
  readonly assetEvents: Init<typeof AssetEventSchema>[];
  /** Of every DAG. */
  readonly queuedEvents: Init<typeof AssetEventSchema>[];
  readonly deadlines: Init<typeof DeadlineSchema>[];
  readonly slaMisses: Init<typeof SlaMissSchema>[];
  readonly connections: Map<string, Init<typeof ConnectionSchema>>;
  readonly variables: Map<string, Init<typeof VariableSchema>>;
  readonly pools: Map<string, Init<typeof PoolSchema>>;
  /** By executor. */
  readonly workers: Map<string, Init<typeof WorkerSchema>[]>;
  readonly tokens: Map<string, { readonly userName: string; readonly role: string }>;
};

/** All instants of the world are before this one. */
export const worldStart = toTimestamp(Date.UTC(2026, 0, 31, 9, 0, 0));
const later = (seconds: number) => toTimestamp(Date.UTC(2026, 0, 31, 9, 0, seconds));

/** A token for each role: `<role>-token` belongs to the user `<role>`. */
export function tokenOf(role: string): string {
  return `${role}-token`;
}

/** The one backfill there is. */
export const BACKFILL_ID = '019bb4c2-54a0-7a31-9d3c-0f7a4f6f2c11';

/**
 * One DAG of three tasks, one finished run in which the second task failed once, two workers; one
 * of whatever else there can be.
 */
export function createWorld(): World {
  const key = { dagId: 'etl', runId: 'manual__1' };
  const task = (taskId: string, state: TaskInstanceState, tryNumber: number) => ({
    ...key,
    id: `ti-${taskId}`,
    dagRunId: 'run-1',
    taskId,
    mapIndex: -1,
    state,
    tryNumber,
    triesMax: 1,
    startDate: later(1),
    endDate: later(3),
    workerId: 'ts-1',
  });
  const attempt = (taskId: string, epoch: number, state: TaskAttemptState) => ({
    attemptId: `${taskId}-${epoch}`,
    taskInstanceId: `ti-${taskId}`,
    tryNumber: epoch,
    state,
    epoch: BigInt(epoch),
    workerId: 'ts-1',
    executorId: 'executor-1',
    startDate: later(1),
    endDate: later(3),
  });
  return {
    dags: new Map([['etl', { dag: aDag(), spec: aSpec() }]]),
    runs: new Map([
      [
        'manual__1',
        {
          ...key,
          id: 'run-1',
          state: DagRunState.SUCCESS,
          runType: RunType.MANUAL,
          confJson: '{}',
          startDate: worldStart,
          endDate: later(12),
          triggeredBy: 'admin',
        },
      ],
    ]),
    tasks: [
      task('extract', TaskInstanceState.SUCCESS, 1),
      task('validate', TaskInstanceState.SUCCESS, 2),
      { ...task('load', TaskInstanceState.NONE, 0), startDate: undefined, endDate: undefined },
    ],
    attempts: new Map([
      ['extract', [attempt('extract', 1, TaskAttemptState.SUCCESS)]],
      [
        'validate',
        [
          {
            ...attempt('validate', 1, TaskAttemptState.FAILED),
            errorClass: 'ValueError',
            errorMessage: 'no rows\nat all',
          },
          attempt('validate', 2, TaskAttemptState.SUCCESS),
        ],
      ],
    ]),
    logs: new Map([
      ['validate/1', { text: logLine('first try'), isComplete: true }],
      ['validate/2', { text: logLine('second try'), isComplete: true }],
    ]),
    ...whatElse(key),
    connections: new Map(),
    variables: new Map(),
    pools: new Map([['default_pool', { name: 'default_pool', slots: 128, usedSlots: 3 }]]),
    workers: new Map([
      ['executor-1', [aWorker('ts-1', 'typescript', 'default')]],
      ['executor-2', [aWorker('py-1', 'python', 'python')]],
    ]),
    tokens: new Map(
      ['viewer', 'user', 'op', 'admin'].map((role) => [tokenOf(role), { userName: role, role }]),
    ),
  };
}

/** An XCom, a question, a backfill, an asset and its updates, a missed deadline and SLA. */
function whatElse(key: { readonly dagId: string; readonly runId: string }) {
  const event = {
    id: '019bb4c2-0000-7000-8000-000000000001',
    assetName: 'rows',
    assetUri: 's3://lake/rows',
    timestamp: worldStart,
    sourceDagId: key.dagId,
    sourceRunId: key.runId,
    sourceTaskId: 'load',
    sourceMapIndex: -1,
  };
  const late = { ...key, dueAt: worldStart, missedAt: later(1) };
  return {
    xcoms: new Map([['extract/return_value', '{"rows":3}']]),
    humanInputs: [
      {
        ...key,
        taskId: 'approve',
        mapIndex: -1,
        question: { subject: 'Publish?', options: ['Approve', 'Reject'] },
        askedAt: worldStart,
        state: TaskInstanceState.AWAITING_INPUT,
      },
    ],
    backfills: new Map([[BACKFILL_ID, aBackfill()]]),
    assets: new Map([['rows', anAsset()]]),
    assetEvents: [event],
    queuedEvents: [event],
    deadlines: [{ ...late, name: 'by nine' }],
    marks: { soAlready: [], failed: [] },
    slaMisses: [{ ...late, taskId: 'load', mapIndex: -1 }],
  };
}

function aBackfill() {
  return {
    backfill: {
      backfillId: BACKFILL_ID,
      dagId: 'etl',
      fromDate: toTimestamp(Date.UTC(2026, 0, 1)),
      toDate: toTimestamp(Date.UTC(2026, 0, 3)),
      reprocessBehavior: ReprocessBehavior.NONE,
      activeRunsMax: 10,
      state: BackfillState.RUNNING,
      createdBy: 'admin',
      createdAt: worldStart,
    },
    progress: {
      datesCount: 4,
      successCount: 1,
      failedCount: 1,
      runningCount: 1,
      unneededCount: 1,
      remaining: toDuration(90_000),
    },
  };
}

function anAsset() {
  return {
    asset: {
      name: 'rows',
      uri: 's3://lake/rows',
      isActive: true,
      lastEventTime: worldStart,
      producersCount: 1,
      consumersCount: 1,
    },
    producers: [{ dagId: 'etl', taskId: 'load' }],
    consumers: [{ dagId: 'report' }],
    watchers: [
      {
        name: 'drop',
        trigger: { kind: { case: 'file' as const, value: { path: '/in/*.csv' } } },
        dagId: 'report',
        isWatching: true,
        lastEventTime: worldStart,
      },
    ],
  };
}

/** A line of a log as workers write it. */
export function logLine(message: string): string {
  const time = '2026-01-31T09:00:02.345Z';
  return `${JSON.stringify({ time, level: 'info', stream: 'task', message })}\n`;
}

function aDag() {
  return {
    dagId: 'etl',
    description: 'Loads rows.',
    schedule: '0 0 * * * (UTC)',
    isActive: true,
    dagFile: 'etl.ts',
    versionNumber: 2,
    owner: 'data',
    tags: ['demo'],
    tasksCount: 3,
  };
}

function aSpec() {
  return {
    dagId: 'etl',
    tasks: [
      { taskId: 'load', upstreamTaskIds: ['validate'], handler: 'etl.ts:load' },
      { taskId: 'extract', handler: 'etl.ts:extract', retry: { retries: 1 } },
      { taskId: 'validate', upstreamTaskIds: ['extract'], handler: 'etl.ts:validate' },
    ],
  };
}

function aWorker(workerId: string, language: string, queue: string) {
  return {
    workerId,
    language,
    sdk: `dagmesh-${language}/0.1.0`,
    queues: [queue],
    slots: 8,
    runningCount: 1,
    state: WorkerState.ACTIVE,
    connectedAt: worldStart,
    heardAt: worldStart,
  };
}
