// What a test can do with the DAGs it tries, and what it may say.
import type { Duration } from '../author/values/duration.ts';
import type { Instant } from '../author/values/instant.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Connection } from '../task/context.ts';
import type { TestBodies } from './bodies.ts';
import type { TestRun } from './run.ts';

/** Where a test begins. */
export type TestDagOptions = {
  /** The clock's first reading: the DAGs' earliest start date, or 2026-01-01, by default. */
  readonly startDate?: Instant;
  /** What is run instead of the DAG's own functions, which are run by default. */
  readonly bodies?: TestBodies;
  /** Slots by pool; `default_pool` has 128 by default. */
  readonly pools?: { readonly [pool: string]: number };
  /** Attempts at once, 1,000 by default. */
  readonly slots?: number;
  /** What tasks find as variables; they may change them. */
  readonly variables?: { readonly [key: string]: string };
  readonly connections?: readonly (Partial<Connection> & Pick<Connection, 'connId'>)[];
  /** Attempts after which a play is taken for endless, 1,000,000 by default. */
  readonly attemptsMax?: number;
  /**
   * How long, in real time, the code of an attempt may run without an end or a sleep; then the
   * test is told which one does. `'4s'` by default: a test of vitest is over after five.
   */
  readonly bodyTimeout?: Duration;
};

/** Which run, where the DAG's latest is not meant. */
export type RunName = { readonly dagId?: string; readonly runId?: string };

/**
 * The instant to which the clock is moved, however far runs are; not before its reading. A play
 * without it ends when the run is over or nothing goes on, so that no wait for an event or an
 * answer runs out of time.
 */
export type Until = { readonly until: Instant };

/** How a run is made by hand, and how long it is played. */
export type TestRunOptions = RunName &
  Partial<Until> & {
    /** What the run is about; without it, it has no logical date and no data interval. */
    readonly logicalDate?: Instant;
    /** Those that are not given have their defaults. */
    readonly params?: JsonObject;
    readonly partitionKey?: string;
  };

/** An answer to a question that a task waits with. */
export type TestResponse = RunName & {
  readonly choose: string | readonly string[];
  /** The form as it is filled in. */
  readonly params?: JsonObject;
  /** Who answers; `test` by default. */
  readonly by?: string;
};

/** What a trigger comes to: an event, an error, or a skip. */
export type TestEvent = RunName & {
  readonly event?: JsonValue;
  readonly error?: string;
  readonly isSkip?: boolean;
};

/**
 * DAGs under test. Each method rejects with a TestDagError that says what to do when it asks for
 * something that cannot be.
 */
export type DagTest = AsyncDisposable & {
  /** The virtual clock. */
  readonly now: Date;
  /** Makes a run and plays it until it is over, or nothing goes on: then `waits` says why. */
  run(options?: TestRunOptions): Promise<TestRun>;
  /** Plays a run on, e.g. after an answer to a question. */
  play(run?: RunName & Partial<Until>): Promise<TestRun>;
  /** Lets the schedules run until an instant; the runs that were made on the way, in order. */
  advance(to: Until): Promise<readonly TestRun[]>;
  /** All runs, earliest first. */
  runs(dagId?: string): Promise<readonly TestRun[]>;
  /**
   * Lets the trigger fire that a task waits for. Timers alone fire by themselves: no test looks at
   * files, addresses or other DAGs, and an update of an asset ends no wait for one.
   */
  fire(task: string, event?: TestEvent): Promise<void>;
  /** Answers the question that a task waits with. */
  respond(task: string, response: TestResponse): Promise<void>;
  /** Updates an asset from outside, as its watchers would: in a test they see nothing. */
  updateAsset(
    asset: string | { readonly name: string },
    extra?: JsonObject,
    part?: { readonly partitionKey?: string },
  ): Promise<void>;
  /** Why a task instance waits, in a sentence. */
  explain(task: string, run?: RunName): Promise<string>;
  /** Ends the test; again is fine. */
  close(): Promise<void>;
};
