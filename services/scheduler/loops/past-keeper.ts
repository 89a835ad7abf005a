// Asks the ledger for the run before, for runs with tasks that depend on it.
import { type Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type {
  LedgerService,
  LoadPastResponse,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { advance, lookAt } from '../core/advance.ts';
import { countsOnlyScheduled, type RunPast, tasksAskedAbout } from '../core/past/past.ts';
import type { Run } from '../core/picture.ts';
import { DagRunState, type TaskInstanceState } from '../core/state.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './engine.ts';

/** Runs that the ledger is asked about at once. */
const ASKED_AT_ONCE = 16;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

export type PastKeeper = Part & {
  /** Looks whether anybody asks. */
  look(): void;
};

/** Answers what `picture.pastWanted` asks for. */
export function createPastKeeper(options: {
  readonly engine: () => Engine;
  readonly ledger: Pick<Client<typeof LedgerService>, 'loadPast'>;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
}): PastKeeper {
  const { clock, events, ledger } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Map<Run, Promise<void>>();

  const ask = async (run: Run): Promise<void> => {
    for (let attempt = 0; !signal.aborted && run.dag.isOwned; attempt += 1) {
      try {
        const past = await ledger.loadPast(questionOf(run), { signal });
        return await tell(options.engine(), run, readPast(past));
      } catch (error) {
        if (signal.aborted) return;
        events.pastNotRead(error);
        const waitMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
        await clock.sleep(waitMs, signal);
      }
    }
  };

  const look = (): void => {
    const { pastWanted } = options.engine().picture();
    for (const run of pastWanted) {
      if (underWay.size >= ASKED_AT_ONCE || signal.aborted) return;
      // A run that is not stored yet is asked about once it is: its predecessor is stored with it.
      if (!run.isStored && run.dag.isOwned) continue;
      pastWanted.delete(run);
      // It may be looked at again, and want to know, before the answer is here.
      if (underWay.has(run) || run.past !== undefined || !run.dag.isOwned) continue;
      const asking = ask(run).finally(() => {
        underWay.delete(run);
        look();
      });
      underWay.set(run, asking);
    }
  };

  return {
    name: 'past-keeper',
    look,
    start: async () => {},
    stop: async () => {
      stopping.abort();
      await Promise.all(underWay.values());
    },
  };
}

function questionOf(run: Run) {
  return {
    dagId: run.dag.dagId,
    logicalDate: toTimestamp(run.logicalDateMs ?? 0),
    onlyScheduled: countsOnlyScheduled(run),
    taskIds: [...tasksAskedAbout(run)],
  };
}

async function tell(engine: Engine, run: Run, past: RunPast): Promise<void> {
  await engine.decide((deciding) => {
    if (!run.dag.isOwned || run.past !== undefined) return;
    run.past = past;
    if (run.state === DagRunState.RUNNING) advance(deciding, run, run.nodes.map(lookAt));
  });
}

function readPast({ run, taskInstances, taskIdsWithPast }: LoadPastResponse): RunPast {
  const tasksWithPast = new Set(taskIdsWithPast);
  const logicalDateMs = fromTimestamp(run?.logicalDate);
  if (run === undefined || logicalDateMs === undefined) return { before: undefined, tasksWithPast };
  const states = new Map<string, TaskInstanceState[]>();
  for (const { taskId, state } of taskInstances) {
    const known = states.get(taskId);
    if (known === undefined) states.set(taskId, [state]);
    else known.push(state);
  }
  return { before: { runId: run.runId, logicalDateMs, states }, tasksWithPast };
}
