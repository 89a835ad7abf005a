// Runs the attempts a child is given and says how each ended.
import type { AssetUpdate, Ending, FromChild, RunOrder } from '../ipc.ts';
import type { Calls } from './calls.ts';
import { createContext } from './context.ts';
import { endingOfError, endingOfMissing, endingOfValue } from './ending.ts';
import type { Loader } from './loader.ts';
import {
  capturing,
  closeOutput,
  currentOutput,
  linesWritten,
  openOutput,
  type Output,
} from './output.ts';
import { NoBody, prepare } from './prepare.ts';

type Running = {
  readonly order: RunOrder;
  readonly output: Output;
  readonly controller: AbortController;
  /** Whether the task has looked at its signal, so that it can be trusted to end by itself. */
  listens: boolean;
  /** The name of a mapped instance, once its arguments are known. */
  mapLabel: string;
};

/** Runs attempts side by side. */
export type Runner = {
  run(order: RunOrder): void;
  /** The supervisor wants an attempt to end. */
  abort(seq: number, reason: string): void;
  /**
   * An error that no task caught: it ends the attempt it came from. False when no attempt is
   * running.
   */
  crash(error: unknown): boolean;
  /** Whether some task may be winding up after an abort. */
  isListening(): boolean;
};

/** A runner that reports through `say`. */
export function createRunner(
  loader: Loader,
  calls: Calls,
  say: (message: FromChild) => void,
): Runner {
  const running = new Map<number, Running>();

  /** Only the first ending of an attempt counts. */
  const end = (attempt: Running, ending: Ending, isSuspect: boolean) => {
    const { mapLabel, output } = attempt;
    const { seq } = attempt.order;
    if (!running.delete(seq)) return;
    closeOutput(output);
    const told = { ...masked(ending, output), mapLabel };
    say({ kind: 'ended', seq, ending: told, isSuspect, linesCount: linesWritten() });
  };

  const execute = async (attempt: Running) => {
    const { order } = attempt;
    try {
      const { body, inputs, mapLabel } = await prepare(order, loader);
      attempt.mapLabel = mapLabel;
      const updates: AssetUpdate[] = [];
      const context = contextOf(attempt, { inputs, updates, call: calls.of(order.seq) });
      end(attempt, endingOfValue(await body(context), order.xcomBytesMax, updates), false);
    } catch (error) {
      if (!(error instanceof NoBody)) return end(attempt, endingOfError(error), false);
      const { found } = error;
      if (found.kind === 'missing') return end(attempt, endingOfMissing(found.sentence), false);
      // A module that failed to load stays failed in this child.
      if (found.kind === 'broken') return end(attempt, endingOfError(found.error), true);
      running.delete(order.seq);
      closeOutput(attempt.output);
      say({ kind: 'outdated', seq: order.seq });
    }
  };

  return {
    run: (order) => {
      const output = openOutput(order.seq, order.lineBytesMax);
      const controller = new AbortController();
      const attempt = { order, output, controller, listens: false, mapLabel: '' };
      running.set(order.seq, attempt);
      void capturing(output, () => execute(attempt));
    },
    abort: (seq, reason) => {
      running.get(seq)?.controller.abort(new DOMException(reason, 'AbortError'));
    },
    crash: (error) => {
      if (running.size === 0) return false;
      const owner = currentOutput();
      const hit = [...running.values()].filter(
        ({ output }) => owner === undefined || output === owner,
      );
      for (const attempt of hit) end(attempt, endingOfError(error), true);
      return true;
    },
    isListening: () => [...running.values()].some(({ listens }) => listens),
  };
}

function contextOf(
  attempt: Running,
  parts: Pick<Parameters<typeof createContext>[0], 'inputs' | 'updates' | 'call'>,
) {
  return createContext({
    ...parts,
    order: attempt.order,
    output: attempt.output,
    signal: () => {
      attempt.listens = true;
      return attempt.controller.signal;
    },
  });
}

/** Errors quote what they were given; a password among it must not leave the worker with them. */
function masked(ending: Ending, { mask }: Output): Ending {
  if (ending.kind === 'skipped') return { ...ending, reason: mask.apply(ending.reason) };
  if (ending.kind !== 'failed') return ending;
  const { failure } = ending;
  const message = mask.apply(failure.message);
  return { kind: 'failed', failure: { ...failure, message, stack: mask.apply(failure.stack) } };
}
