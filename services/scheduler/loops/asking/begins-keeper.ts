// Asks the ledger what began before DAGs were loaded, for the rates of their limit keys.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { Dag } from '../../core/dag.ts';
import {
  type AttemptBegin,
  type BeginsQuestion,
  questionAbout,
  takeBegins,
} from '../../core/limit/begins.ts';
import type { KeyState } from '../../core/limit/limit.ts';
import type { SchedulerEvents } from '../../events.ts';
import type { Engine } from '../commit/engine.ts';
import { type Asker, createAsker } from './asker.ts';

const READ_AT_ONCE = 8;
/** Beginnings that one answer may hold. */
const PAGE_MAX = 50_000;

type Ledger = Pick<Client<typeof LedgerService>, 'loadBegins'>;
type Wanted = { readonly dag: Dag; readonly state: KeyState };

/** Answers what `picture.beginsWanted` asks for. */
export function createBeginsKeeper(options: {
  readonly engine: () => Engine;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
}): Asker {
  const { clock, engine, events, ledger } = options;
  return createAsker<Wanted>({
    name: 'begins keeper',
    clock,
    atOnce: READ_AT_ONCE,
    keyOf: ({ state }) => state,
    next: (isUnderWay) => {
      const { beginsWanted } = engine().picture();
      for (const [state, dag] of beginsWanted) {
        // Asked again with its answer, for a newer version: its turn comes when that is through.
        if (isUnderWay({ dag, state })) continue;
        beginsWanted.delete(state);
        if (dag.isOwned) return { dag, state };
      }
      return undefined;
    },
    isWanted: ({ dag }) => dag.isOwned,
    ask: async ({ dag, state }, signal) => {
      const question = questionAbout(dag, state, clock.nowMs());
      const begins = question === undefined ? [] : await readBegins(ledger, question, signal);
      await engine().decide(({ nowMs, picture }) =>
        takeBegins(picture, dag, state, { question, begins, nowMs }),
      );
    },
    onFailed: (error) => events.notRead('what began before', error),
  });
}

async function readBegins(
  ledger: Ledger,
  { countMax, dagId, sinceMs, taskIds }: BeginsQuestion,
  signal: AbortSignal,
): Promise<readonly AttemptBegin[]> {
  const asked = { dagId, taskIds: [...taskIds], since: toTimestamp(sinceMs) };
  const begins: AttemptBegin[] = [];
  for (;;) {
    const limit = Math.min(countMax - begins.length, PAGE_MAX);
    const beforeAttemptId = begins.at(-1)?.attemptId ?? '';
    const page = await ledger.loadBegins({ ...asked, beforeAttemptId, limit }, { signal });
    for (const { attemptId, at } of page.begins) {
      begins.push({ attemptId, atMs: fromTimestamp(at) ?? 0 });
    }
    if (page.begins.length < limit || begins.length >= countMax) return begins;
  }
}
