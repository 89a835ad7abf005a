// The showcase: lets the Seattle weather pipeline catch up, and says how far it is.
import { join } from 'node:path';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { showcaseDatabase } from './embedded/database.ts';

const POLL_MS = 250;
const PARSE_LIMIT_MS = 60_000;
/** No run finished for this long: something is wrong, and waiting on would hide it. */
const STALL_LIMIT_MS = 120_000;
const PAGE_SIZE = 1000;

/** The DAGs in the order they depend on each other, with the runs each has in its period. */
const pipeline = [
  { dagId: 'seattle_weather_daily', runsCount: 1461, noun: 'daily runs' },
  { dagId: 'seattle_weather_monthly', runsCount: 48, noun: 'monthly runs' },
] as const;

/** Clients of the public door, signed in. */
export type ShowcaseClients = {
  readonly dags: Client<typeof DagService>;
  readonly runs: Client<typeof DagRunService>;
  readonly connections: Client<typeof ConnectionService>;
  readonly variables: Client<typeof VariableService>;
};

export type ShowcaseOptions = {
  readonly clients: ShowcaseClients;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called with e.g. `812 of 1461 daily runs`. */
  readonly onProgress: (text: string) => void;
};

/** Stores what the pipeline's tasks fetch: its connection, and where the report goes. */
export async function prepareShowcase(
  clients: ShowcaseClients,
  place: { readonly port: number; readonly password: string; readonly reportFolder: string },
): Promise<void> {
  await clients.connections.putConnection({
    connection: {
      connId: 'showcase',
      connType: 'postgres',
      host: '127.0.0.1',
      port: place.port,
      login: showcaseDatabase,
      password: place.password,
      schema: showcaseDatabase,
      description: 'Tables of the showcase pipeline, in the embedded PostgreSQL.',
    },
  });
  await clients.variables.putVariable({
    variable: {
      key: 'seattle_weather_report_folder',
      value: place.reportFolder,
      description: 'Where seattle_weather_monthly writes its report.',
    },
  });
}

/**
 * Runs the pipeline to its end; answers at once what an earlier start has run already. Throws with
 * a sentence.
 */
export async function runShowcase(options: ShowcaseOptions): Promise<string> {
  for (const part of pipeline) await catchUp(part, options);
  return pipeline.map((part) => `${part.runsCount} ${part.noun}`).join(' and ');
}

/** Where the report lies once the showcase has run. */
export function reportChart(reportFolder: string): string {
  return join(reportFolder, 'seattle_weather.svg');
}

async function catchUp(part: (typeof pipeline)[number], options: ShowcaseOptions): Promise<void> {
  const { clients, clock, signal } = options;
  await waitForDag(part.dagId, options);
  await clients.dags.unpauseDag({ dagId: part.dagId });
  let finishedCount = -1;
  let progressAtMs = clock.monotonicMs();
  while (finishedCount < part.runsCount) {
    signal.throwIfAborted();
    const failed = await clients.runs.listDagRuns({
      dagId: part.dagId,
      states: [DagRunState.FAILED],
      pageSize: 1,
    });
    if (failed.runs[0] !== undefined) {
      throw new Error(`run ${failed.runs[0].runId} of ${part.dagId} failed: see its task logs`);
    }
    const count = await countSucceeded(part.dagId, options);
    if (count > finishedCount) {
      finishedCount = count;
      progressAtMs = clock.monotonicMs();
      options.onProgress(`${count} of ${part.runsCount} ${part.noun}`);
    } else if (clock.monotonicMs() - progressAtMs > STALL_LIMIT_MS) {
      throw new Error(`no run of ${part.dagId} finished for ${STALL_LIMIT_MS / 1000} s`);
    }
    if (count < part.runsCount) await clock.sleep(POLL_MS, signal);
  }
}

async function waitForDag(dagId: string, options: ShowcaseOptions): Promise<void> {
  const { clients, clock, signal } = options;
  const deadlineMs = clock.monotonicMs() + PARSE_LIMIT_MS;
  for (;;) {
    signal.throwIfAborted();
    const found = await clients.dags.getDag({ dagId }).catch((error: unknown) => {
      if (reasonOf(error) === 'dag_not_found') return undefined;
      throw error;
    });
    if (found !== undefined) return;
    if (clock.monotonicMs() > deadlineMs) {
      throw new Error(
        `${dagId} is not there: "dagmesh dags errors" tells what is wrong with its file`,
      );
    }
    await clock.sleep(POLL_MS, signal);
  }
}

/** Pages through the succeeded runs: there are few enough to count them one by one. */
async function countSucceeded(dagId: string, options: ShowcaseOptions): Promise<number> {
  let count = 0;
  let pageToken = '';
  do {
    const page = await options.clients.runs.listDagRuns({
      dagId,
      states: [DagRunState.SUCCESS],
      pageSize: PAGE_SIZE,
      pageToken,
    });
    count += page.runs.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return count;
}
