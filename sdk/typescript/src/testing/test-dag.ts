// `testDag(dag)`: runs a DAG in this process, on a virtual clock, as the scheduler itself decides.
import { type Dag, isDag } from '../author/dag.ts';
import { didYouMean } from '../author/checks/nearest.ts';
import { toDagSpec } from '../author/spec.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { createCast } from './cast.ts';
import type {
  DagTest,
  RunName,
  TestDagOptions,
  TestEvent,
  TestResponse,
  TestRunOptions,
  Until,
} from './dag-test.ts';
import { createPerformer, type LogLine } from './performer.ts';
import {
  advanceRequest,
  assetNamesIn,
  explainRequest,
  fireRequest,
  openRequest,
  patienceMsOf,
  playRequest,
  requireTestOptions,
  respondRequest,
  triggerRequest,
} from './requests.ts';
import { type TestRun, testRunOf } from './run.ts';
import { type Simulator, startSimulator, TestDagError } from './simulator.ts';

/** Puts DAGs under test; close it when it is done, or declare it with `await using`. */
export async function testDag(
  dags: Dag | readonly Dag[],
  options: TestDagOptions = {},
): Promise<DagTest> {
  const all: readonly Dag[] = isDag(dags) ? [dags] : dags;
  if (!Array.isArray(all) || all.length === 0 || !all.every(isDag)) {
    throw new TestDagError(
      'bad_request',
      'testDag() takes a DAG made by dag(), or a list of them such as `await dagsIn(file)`',
    );
  }
  requireTestOptions(options);
  const opening = openRequest(
    all.map((each) => toDagSpec(each)),
    options,
  );
  const logs: Logs = new Map();
  const performer = createPerformer({
    cast: createCast(all, options.bodies ?? {}),
    patienceMs: patienceMsOf(options),
    tell: (message) => simulator.tell(message),
    onLine: (run, line) => linesOf(logs, run).push(line),
    onStuck: (error) => simulator.break(error),
  });
  const simulator: Simulator = startSimulator((event) => performer.hear(event));
  try {
    const { now_ms: nowMs } = await simulator.ask('open', opening);
    return new Test(simulator, {
      logs,
      assets: new Set(assetNamesIn(opening)),
      nowMs: Number(nowMs),
    });
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

type Logs = Map<string, LogLine[]>;

class Test implements DagTest {
  readonly #simulator: Simulator;
  readonly #logs: Logs;
  readonly #assets: ReadonlySet<string>;
  #nowMs: number;

  constructor(
    simulator: Simulator,
    parts: { readonly logs: Logs; readonly assets: ReadonlySet<string>; readonly nowMs: number },
  ) {
    this.#simulator = simulator;
    this.#logs = parts.logs;
    this.#assets = parts.assets;
    this.#nowMs = parts.nowMs;
  }

  get now(): Date {
    return new Date(this.#nowMs);
  }

  async run(options: TestRunOptions = {}): Promise<TestRun> {
    const request = triggerRequest(options);
    const { until } = options;
    // Before a run is made that could not be played.
    if (until !== undefined) playRequest({ until });
    const made = (await this.#ask('trigger', request)) as JsonObject;
    const [dagId, runId] = [String(made['dag_id']), String(made['run_id'])];
    return this.play({ dagId, runId, ...(until === undefined ? {} : { until }) });
  }

  async play(run: RunName & Partial<Until> = {}): Promise<TestRun> {
    return this.#runOf(await this.#ask('play', playRequest(run)));
  }

  async advance(to: Until): Promise<readonly TestRun[]> {
    return this.#runsOf(await this.#ask('advance', advanceRequest(to)));
  }

  async runs(dagId = ''): Promise<readonly TestRun[]> {
    return this.#runsOf(await this.#ask('runs', { dag_id: dagId }));
  }

  async fire(task: string, event: TestEvent = {}): Promise<void> {
    await this.#ask('fire', fireRequest(task, event));
  }

  async respond(task: string, response: TestResponse): Promise<void> {
    await this.#ask('respond', respondRequest(task, response));
  }

  async updateAsset(
    asset: string | { readonly name: string },
    extra?: JsonObject,
    { partitionKey = '' }: { readonly partitionKey?: string } = {},
  ): Promise<void> {
    const name = typeof asset === 'string' ? asset : asset.name;
    if (!this.#assets.has(name)) {
      const known = [...this.#assets];
      throw new TestDagError(
        'asset_not_found',
        `no DAG of this test names an asset "${name}"${didYouMean(name, known)}, ` +
          (known.length === 0 ? 'nor any other' : `but ${known.join(', ')}`),
      );
    }
    const what = { name, partition_key: partitionKey };
    await this.#ask('update_asset', { ...what, ...(extra === undefined ? {} : { extra }) });
  }

  async explain(task: string, run: RunName = {}): Promise<string> {
    const told = (await this.#ask('explain', explainRequest(task, run))) as JsonObject;
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
  logs: Logs,
  { dagId, runId }: { readonly dagId: string; readonly runId: string },
): LogLine[] {
  const key = JSON.stringify([dagId, runId]);
  const lines = logs.get(key) ?? [];
  logs.set(key, lines);
  return lines;
}
