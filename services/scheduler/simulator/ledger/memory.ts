// What the ledger of a simulation remembers: the values that tasks pushed, their tries, and the
// updates of assets.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { TaskAttempt } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { XCom } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Instance } from '../../core/instance.ts';
import { TaskAttemptState, TaskInstanceState } from '../../core/state.ts';

/** The key of what a task returned. */
export const RETURN_VALUE = 'return_value';

/** One attempt, as it stands. Instants in epoch milliseconds. */
export type Try = {
  readonly tryNumber: number;
  /** In lower case, e.g. `failed`. */
  readonly state: string;
  readonly startMs: number | undefined;
  /** Undefined while it runs. */
  readonly endMs: number | undefined;
  /** Empty unless it failed. */
  readonly error: string;
};

/** JSON by key. */
export type Values = ReadonlyMap<string, string>;

/** What is known beside the picture. */
export type Memory = {
  /** Stores a value while its attempt runs; `bad_request` when it is not JSON. */
  push(attemptId: string, xcom: Pick<XCom, 'key' | 'valueJson'>): void;
  /** Deletes a value that an attempt pushed. */
  drop(attemptId: string, key: string): void;
  /** What an instance pushed: visible once it has succeeded, to its own attempt also before. */
  valuesOf(instance: Instance, ownAttemptId?: string): Values;
  /** The attempts of an instance, earliest first. */
  triesOf(instance: Instance): readonly Try[];
  /** All updates of assets, earliest first. */
  assetEvents(): readonly AssetEvent[];
  /** Adds an update that came from outside. */
  noteAssetEvent(event: AssetEvent): void;
};

const NOTHING: Values = new Map();

/** Remembers what these commits say; the list may grow. */
export function createMemory(commits: readonly CommitRequest[]): Memory {
  const values = new Map<string, Map<string, string>>();
  const attempts = new Map<string, Map<string, TaskAttempt>>();
  const events: AssetEvent[] = [];
  let readCount = 0;

  const valuesOf = (attemptId: string) => {
    const known = values.get(attemptId) ?? new Map<string, string>();
    values.set(attemptId, known);
    return known;
  };
  const note = (row: TaskAttempt) => {
    const known = attempts.get(row.taskInstanceId) ?? new Map<string, TaskAttempt>();
    attempts.set(row.taskInstanceId, known.set(row.attemptId, row));
  };
  const readCommit = (commit: CommitRequest) => {
    for (const row of [...commit.newAttempts, ...commit.endedAttempts]) note(row);
    for (const { fromAttemptId, toAttemptId } of commit.carriedXcoms) {
      for (const [key, json] of valuesOf(fromAttemptId)) valuesOf(toAttemptId).set(key, json);
    }
    for (const { attemptId, xcoms } of commit.xcoms) {
      for (const { key, valueJson } of xcoms) valuesOf(attemptId).set(key, valueJson);
    }
    events.push(...commit.assetEvents);
  };
  const catchUp = () => {
    for (; readCount < commits.length; readCount += 1) {
      const commit = commits[readCount];
      if (commit !== undefined) readCommit(commit);
    }
  };

  return {
    push: (attemptId, xcom) => {
      requireJson(xcom);
      catchUp();
      valuesOf(attemptId).set(xcom.key, xcom.valueJson);
    },
    drop: (attemptId, key) => void values.get(attemptId)?.delete(key),
    valuesOf: ({ state, attemptId }, ownAttemptId) => {
      catchUp();
      const isVisible = state === TaskInstanceState.SUCCESS || attemptId === ownAttemptId;
      return (isVisible ? values.get(attemptId) : undefined) ?? NOTHING;
    },
    triesOf: ({ id }) => {
      catchUp();
      return [...(attempts.get(id)?.values() ?? [])].map(tryOf);
    },
    assetEvents: () => {
      catchUp();
      return events;
    },
    noteAssetEvent: (event) => {
      catchUp();
      events.push(event);
    },
  };
}

/** Throws `bad_request` for a value that is not JSON: nobody could read it later. */
export function requireJson({ key, valueJson }: Pick<XCom, 'key' | 'valueJson'>): void {
  try {
    JSON.parse(valueJson);
  } catch (cause) {
    throw fail('bad_request', `the value of XCom "${key}" is not JSON`, { cause });
  }
}

function tryOf(row: TaskAttempt): Try {
  return {
    tryNumber: row.tryNumber,
    state: STATE_NAMES.get(row.state) ?? 'unspecified',
    startMs: fromTimestamp(row.startDate),
    endMs: fromTimestamp(row.endDate),
    error: row.errorMessage,
  };
}

const STATE_NAMES = new Map<number, string>(
  Object.entries(TaskAttemptState).map(([name, value]) => [value, name.toLowerCase()]),
);
