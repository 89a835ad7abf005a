// Reads how the latest runs of DAGs ended, for those whose decisions depend on that.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { DagRun } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type EndedRun, HISTORY_MAX, takeHistory } from '../core/past/history.ts';
import type { Dag } from '../core/picture.ts';
import { DagRunState } from '../core/state.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './engine.ts';

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;
const READ_AT_ONCE = 8;

export type HistoryKeeper = Part & {
  /** Looks whether the history of a DAG is wanted. */
  look(): void;
};

/** Answers what `picture.historyWanted` asks for. */
export function createHistoryKeeper(options: {
  readonly engine: () => Engine;
  readonly ledger: Pick<Client<typeof LedgerService>, 'listRuns'>;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
}): HistoryKeeper {
  const { clock, events, ledger } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Set<Promise<void>>();

  const read = async (dag: Dag): Promise<void> => {
    const states = [DagRunState.SUCCESS, DagRunState.FAILED];
    const asked = { dagId: dag.dagId, states, isDescending: true, limit: HISTORY_MAX };
    for (let attempt = 0; dag.isOwned && !signal.aborted; attempt += 1) {
      try {
        const { runs } = await ledger.listRuns(asked, { signal });
        return takeHistory(dag, runs.map(endedRun));
      } catch (error) {
        if (signal.aborted) return;
        events.historyNotRead(error);
        const waitMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
        await clock.sleep(waitMs, signal);
      }
    }
  };

  const look = (): void => {
    const { historyWanted } = options.engine().picture();
    for (const dag of historyWanted) {
      if (underWay.size >= READ_AT_ONCE || signal.aborted) return;
      historyWanted.delete(dag);
      const reading = read(dag).finally(() => {
        underWay.delete(reading);
        look();
      });
      underWay.add(reading);
    }
  };

  return {
    name: 'history-keeper',
    look,
    start: async () => {},
    stop: async () => {
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}

function endedRun(run: DagRun): EndedRun {
  const queuedMs = fromTimestamp(run.queuedAt) ?? fromTimestamp(run.startDate) ?? 0;
  return {
    runId: run.runId,
    atMs: fromTimestamp(run.logicalDate) ?? fromTimestamp(run.runAfter) ?? 0,
    isSuccess: run.state === DagRunState.SUCCESS,
    durationMs: Math.max((fromTimestamp(run.endDate) ?? 0) - queuedMs, 0),
  };
}
