// `testDag(dag)`: runs a DAG in this process, on a virtual clock, as the scheduler itself decides.
import { toJson } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type Dag, isDag } from '../author/dag.ts';
import { type Instant, instantMessage } from '../author/instant.ts';
import { toDagSpec } from '../author/spec.ts';
import { type DagSpec, DagSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Connection } from '../task/context.ts';
import { createCast, type TestBodies } from './bodies.ts';
import { createPerformer, type LogLine } from './performer.ts';
import { type TestRun, testRunOf } from './run.ts';
import { PROTOCOL_VERSION, type Simulator, startSimulator, TestDagError } from './simulator.ts';

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
};

/** Which run, where the DAG's latest is not meant. */
export type RunName = { readonly dagId?: string; readonly runId?: string };

/** How a run is made by hand, and how long it is played. */
export type TestRunOptions = RunName & {
  readonly logicalDate?: Instant;
  readonly params?: JsonObject;
  readonly partitionKey?: string;
  /** The instant at which the clock stops, however far the run is; never by default. */
  readonly until?: Instant;
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
  play(run?: RunName & { readonly until?: Instant }): Promise<TestRun>;
  /** Lets the schedules run until an instant; the runs that were made on the way, in order. */
  advance(to: { readonly until: Instant }): Promise<readonly TestRun[]>;
  /** All runs, earliest first. */
  runs(dagId?: string): Promise<readonly TestRun[]>;
  /** Lets the trigger fire that a task waits for. Timers fire by themselves. */
  fire(task: string, event?: TestEvent): Promise<void>;
  /** Answers the question that a task waits with. */
  respond(task: string, response: TestResponse): Promise<void>;
  /** Updates an asset from outside. */
  updateAsset(asset: string | { readonly name: string }, extra?: JsonObject): Promise<void>;
  /** Why a task instance waits, in a sentence. */
  explain(task: string, run?: RunName): Promise<string>;
  /** Ends the test; again is fine. */
  close(): Promise<void>;
};

const START_DATE = '2026-01-01';

/** Puts DAGs under test; close it when it is done, or declare it with `await using`. */
export async function testDag(
  dags: Dag | readonly Dag[],
  options: TestDagOptions = {},
): Promise<DagTest> {
  const all: readonly Dag[] = isDag(dags) ? [dags] : dags;
  if (!Array.isArray(all) || all.length === 0 || !all.every(isDag)) {
    throw new TestDagError('bad_request', 'testDag() takes a DAG made by dag(), or a list of them');
  }
  const cast = createCast(all, options.bodies ?? {});
  const logs = new Map<string, LogLine[]>();
  const performer = createPerformer({
    cast,
    tell: (message) => simulator.tell(message),
    onLine: (run, line) => linesOf(logs, run).push(line),
  });
  const simulator: Simulator = startSimulator((event) => performer.hear(event));
  const test = new Test(simulator, logs);
  try {
    await test.open(
      all.map((each) => toDagSpec(each)),
      options,
    );
    return test;
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

class Test implements DagTest {
  readonly #simulator: Simulator;
  readonly #logs: Map<string, LogLine[]>;
  #nowMs = 0;

  constructor(simulator: Simulator, logs: Map<string, LogLine[]>) {
    this.#simulator = simulator;
    this.#logs = logs;
  }

  get now(): Date {
    return new Date(this.#nowMs);
  }

  async open(specs: readonly DagSpec[], options: TestDagOptions): Promise<void> {
    const { pools = {}, slots, variables = {}, connections = [], attemptsMax } = options;
    await this.#ask('open', {
      version: PROTOCOL_VERSION,
      specs: specs.map((spec) => toJson(DagSpecSchema, spec) as JsonObject),
      options: {
        start_ms: msOf(options.startDate) ?? earliest(specs),
        pools,
        variables,
        connections: connections.map(connectionJson),
        ...(slots === undefined ? {} : { slots }),
        ...(attemptsMax === undefined ? {} : { attempts_max: attemptsMax }),
      },
    });
  }

  async run({ until, ...options }: TestRunOptions = {}): Promise<TestRun> {
    const { logicalDate, params, partitionKey, ...name } = options;
    const made = (await this.#ask('trigger', {
      ...nameJson(name),
      ...(params === undefined ? {} : { params }),
      ...(partitionKey === undefined ? {} : { partition_key: partitionKey }),
      ...instantJson('logical_date_ms', logicalDate),
    })) as JsonObject;
    const [dagId, runId] = [String(made['dag_id']), String(made['run_id'])];
    return this.play({ dagId, runId, ...(until === undefined ? {} : { until }) });
  }

  async play({ until, ...name }: RunName & { readonly until?: Instant } = {}): Promise<TestRun> {
    const fields = { ...nameJson(name), ...instantJson('until_ms', until) };
    return this.#runOf(await this.#ask('play', fields));
  }

  async advance({ until }: { readonly until: Instant }): Promise<readonly TestRun[]> {
    return this.#runsOf(await this.#ask('advance', instantJson('until_ms', until)));
  }

  async runs(dagId = ''): Promise<readonly TestRun[]> {
    return this.#runsOf(await this.#ask('runs', { dag_id: dagId }));
  }

  async fire(task: string, { event, error, isSkip, ...name }: TestEvent = {}): Promise<void> {
    await this.#ask('fire', {
      ...nameJson(name),
      task,
      ...(event === undefined ? {} : { event }),
      ...(error === undefined ? {} : { error }),
      is_skip: isSkip ?? false,
    });
  }

  async respond(task: string, { choose, params, by, ...name }: TestResponse): Promise<void> {
    await this.#ask('respond', {
      ...nameJson(name),
      task,
      chosen_options: typeof choose === 'string' ? [choose] : choose,
      ...(params === undefined ? {} : { params }),
      ...(by === undefined ? {} : { actor: by }),
    });
  }

  async updateAsset(asset: string | { readonly name: string }, extra?: JsonObject): Promise<void> {
    const name = typeof asset === 'string' ? asset : asset.name;
    await this.#ask('update_asset', { name, ...(extra === undefined ? {} : { extra }) });
  }

  async explain(task: string, run: RunName = {}): Promise<string> {
    const told = (await this.#ask('explain', { ...nameJson(run), task })) as JsonObject;
    return String(told['summary']);
  }

  close(): Promise<void> {
    return this.#simulator.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask(op: string, fields: JsonObject): Promise<JsonValue> {
    const ok = await this.#simulator.ask(op, fields);
    this.#nowMs = Number(ok['now_ms']);
    return ok['result'] ?? null;
  }

  #runOf(told: JsonValue): TestRun {
    const fields = told as JsonObject;
    const run = { dagId: String(fields['dag_id']), runId: String(fields['run_id']) };
    return testRunOf(fields, [...linesOf(this.#logs, run)]);
  }

  #runsOf(told: JsonValue): readonly TestRun[] {
    return (told as readonly JsonObject[]).map((run) => this.#runOf(run));
  }
}

function linesOf(
  logs: Map<string, LogLine[]>,
  { dagId, runId }: { readonly dagId: string; readonly runId: string },
): LogLine[] {
  const key = JSON.stringify([dagId, runId]);
  const lines = logs.get(key) ?? [];
  logs.set(key, lines);
  return lines;
}

function earliest(specs: readonly DagSpec[]): number {
  const starts = specs.flatMap(({ startDate }) =>
    startDate === undefined ? [] : [timestampMs(startDate)],
  );
  return starts.length === 0 ? Date.parse(START_DATE) : Math.min(...starts);
}

function nameJson({ dagId = '', runId = '' }: RunName): JsonObject {
  return { dag_id: dagId, run_id: runId };
}

function instantJson(name: string, value: Instant | undefined): JsonObject {
  const ms = msOf(value);
  return ms === undefined ? {} : { [name]: ms };
}

function msOf(value: Instant | undefined): number | undefined {
  return value === undefined ? undefined : timestampMs(instantMessage(value));
}

function connectionJson({ extra, port, ...connection }: Partial<Connection>): JsonObject {
  return {
    ...connection,
    ...(port === undefined ? {} : { port }),
    ...(extra === undefined ? {} : { extraJson: JSON.stringify(extra) }),
  };
}
