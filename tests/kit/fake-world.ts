// A small installation in memory: what the fake mesh answers from, and what tests change.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ConnectionSchema } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import type { GetDagResponseSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import type { PoolSchema } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import type { VariableSchema } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
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
import { toTimestamp } from '#kernel/clock/timestamp.ts';

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
  /** By task_id. */
  readonly attempts: Map<string, Init<typeof TaskAttemptSchema>[]>;
  /** By `<task_id>/<epoch>`. */
  readonly logs: Map<string, FakeLog>;
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

/** One DAG of three tasks, one finished run in which the second task failed once, two workers. */
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
