// Asks the ledger what began before DAGs were loaded, for the rates of their limit keys.
import { Code, ConnectError } from '#kernel/errors/errors.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Dag } from '../../core/dag.ts';
import {
  type AttemptBegin,
  type BeginsQuestion,
  questionAbout,
  takeBegins,
} from '../../core/limit/begins.ts';
import type { KeyState } from '../../core/limit/limit.ts';
import { type Asker, type Asking, createAsker } from './asker.ts';

const READ_AT_ONCE = 8;
/** Beginnings that one answer may hold. */
const PAGE_MAX = 50_000;

type Ledger = Asking<'loadBegins'>['ledger'];
type Wanted = { readonly dag: Dag; readonly state: KeyState };

/**
 * Answers what `picture.beginsWanted` asks for. A metadata service of a version that cannot tell is
 * asked again until a rate's period is over: then nothing that began before counts any more.
 */
export function createBeginsKeeper(options: Asking<'loadBegins'>): Asker {
  const { clock, engine, events, ledger } = options;
  /** When a metadata service that cannot answer was first asked about a key. */
  const refusedMs = new WeakMap<KeyState, number>();
  let isTold = false;
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
      const refusal = refusedMs.get(state);
      // What began before it was first asked counts no more by now.
      const isOver = question === undefined || (refusal ?? Infinity) <= question.sinceMs;
      const begins = isOver ? [] : await readBegins(ledger, question, signal);
      await engine().decide(({ nowMs, picture }) =>
        takeBegins(picture, dag, state, { question, begins, nowMs }),
      );
    },
    onFailed: (error, { state }) => {
      if (!isUnimplemented(error)) return events.notRead('what began before', error);
      if (!refusedMs.has(state)) refusedMs.set(state, clock.nowMs());
      if (!isTold) events.beginsNotKnown();
      isTold = true;
    },
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

function isUnimplemented(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unimplemented;
}
