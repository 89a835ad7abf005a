// What a test asks for, in the words of the simulator; what cannot be asked for is told at once.
import { toJson } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type Duration, durationMs } from '../author/values/duration.ts';
import { type Instant, instantMessage } from '../author/values/instant.ts';
import { shapeCause, type Shapes } from '../author/checks/shapes.ts';
import { type DagSpec, DagSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Connection } from '../task/context.ts';
import type {
  RunName,
  TestDagOptions,
  TestEvent,
  TestResponse,
  TestRunOptions,
  Until,
} from './dag-test.ts';
import { PROTOCOL_VERSION, TestDagError } from './simulator.ts';

/** Before the five seconds are over that vitest gives a test. */
const BODY_TIMEOUT: Duration = '4s';
const START_DATE = '2026-01-01';

const TEST_SHAPES: Shapes<TestDagOptions> = {
  startDate: 'instant',
  bodies: 'object',
  pools: 'object',
  slots: 'number',
  variables: 'object',
  connections: 'list',
  attemptsMax: 'number',
  bodyTimeout: 'span',
};
const NAME_SHAPES: Shapes<RunName> = { dagId: 'text', runId: 'text' };
const PLAY_SHAPES: Shapes<RunName & Partial<Until>> = { ...NAME_SHAPES, until: 'instant' };
const RUN_SHAPES: Shapes<TestRunOptions> = {
  ...PLAY_SHAPES,
  logicalDate: 'instant',
  params: 'object',
  partitionKey: 'text',
};
const EVENT_SHAPES: Shapes<TestEvent> = {
  ...NAME_SHAPES,
  event: 'any',
  error: 'text',
  isSkip: 'flag',
};
const RESPONSE_SHAPES: Shapes<TestResponse> = {
  ...NAME_SHAPES,
  choose: 'any!',
  params: 'object',
  by: 'text',
};

/** Throws a TestDagError when the options of a test are none. */
export function requireTestOptions(options: TestDagOptions): void {
  requireOptions('testDag()', options, TEST_SHAPES);
  for (const name of ['slots', 'attemptsMax'] as const) {
    const number = options[name] ?? 1;
    if (Number.isInteger(number) && number >= 1) continue;
    throw new TestDagError('bad_request', `${name} is ${number}; it must be a whole number from 1`);
  }
}

/** How long a body may run, in real milliseconds. */
export function patienceMsOf({ bodyTimeout = BODY_TIMEOUT }: TestDagOptions): number {
  return saying('bodyTimeout', () => durationMs(bodyTimeout));
}

/** Opens a simulation. */
export function openRequest(specs: readonly DagSpec[], options: TestDagOptions): JsonObject {
  const { pools = {}, slots, variables = {}, connections = [], attemptsMax } = options;
  return {
    version: PROTOCOL_VERSION,
    specs: specs.map((spec) => toJson(DagSpecSchema, spec) as JsonObject),
    options: {
      ...{ start_ms: msOf('startDate', options.startDate) ?? earliest(specs) },
      ...{ pools, variables, connections: connections.map(connectionJson) },
      ...(slots === undefined ? {} : { slots }),
      ...(attemptsMax === undefined ? {} : { attempts_max: attemptsMax }),
    },
  };
}

/** Makes a run. */
export function triggerRequest(options: TestRunOptions): JsonObject {
  requireOptions('run()', options, RUN_SHAPES);
  const { logicalDate, params, partitionKey } = options;
  return {
    ...nameJson(options),
    ...(params === undefined ? {} : { params }),
    ...(partitionKey === undefined ? {} : { partition_key: partitionKey }),
    ...instantJson('logical_date_ms', 'logicalDate', logicalDate),
  };
}

/** Plays a run on. */
export function playRequest(options: RunName & Partial<Until>): JsonObject {
  requireOptions('play()', options, PLAY_SHAPES);
  return { ...nameJson(options), ...instantJson('until_ms', 'until', options.until) };
}

/** Lets schedules run. */
export function advanceRequest(to: Until): JsonObject {
  requireOptions<Until>('advance()', to, { until: 'instant!' });
  return instantJson('until_ms', 'until', to.until);
}

/** Lets a trigger fire. */
export function fireRequest(task: string, options: TestEvent): JsonObject {
  requireOptions('fire()', options, EVENT_SHAPES);
  const { event, error, isSkip = false } = options;
  return {
    ...nameJson(options),
    ...{ task, is_skip: isSkip },
    ...(event === undefined ? {} : { event }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Answers a question. */
export function respondRequest(task: string, response: TestResponse): JsonObject {
  requireOptions('respond()', response, RESPONSE_SHAPES);
  const { choose, params, by } = response;
  return {
    ...nameJson(response),
    ...{ task, chosen_options: typeof choose === 'string' ? [choose] : choose },
    ...(params === undefined ? {} : { params }),
    ...(by === undefined ? {} : { actor: by }),
  };
}

/** Asks why a task instance waits. */
export function explainRequest(task: string, run: RunName): JsonObject {
  requireOptions('explain()', run, NAME_SHAPES);
  return { ...nameJson(run), task };
}

/** The names of the assets that DAGs know, wherever they name them. */
export function assetNamesIn(json: JsonValue): readonly string[] {
  if (typeof json !== 'object' || json === null) return [];
  const found = Object.entries(json).flatMap(([key, value]: [string, JsonValue]) => {
    if (key === 'asset') return [value];
    return key === 'assets' && Array.isArray(value) ? value : assetNamesIn(value);
  });
  const names = found.map((each) => (typeof each === 'string' ? each : nameOf(each)));
  return names.filter((name) => name !== '');
}

function nameOf(asset: JsonValue): string {
  if (typeof asset !== 'object' || asset === null || Array.isArray(asset)) return '';
  return String((asset as JsonObject)['name'] ?? '');
}

function requireOptions<Options>(subject: string, options: unknown, shapes: Shapes<Options>): void {
  const cause = shapeCause(subject, options, shapes);
  if (cause !== undefined) throw new TestDagError('bad_request', cause);
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

function instantJson(name: string, option: string, value: Instant | undefined): JsonObject {
  const ms = msOf(option, value);
  return ms === undefined ? {} : { [name]: ms };
}

function msOf(option: string, value: Instant | undefined): number | undefined {
  if (value === undefined) return undefined;
  return saying(option, () => timestampMs(instantMessage(value)));
}

function connectionJson({ extra, port, ...connection }: Partial<Connection>): JsonObject {
  return {
    ...connection,
    ...(port === undefined ? {} : { port }),
    ...(extra === undefined ? {} : { extraJson: JSON.stringify(extra) }),
  };
}

/** What a conversion throws, as an error about an option. */
function saying<T>(option: string, convert: () => T): T {
  try {
    return convert();
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new TestDagError('bad_request', `${option}: ${words}`, { cause });
  }
}
