// Runs the attempts a child is given and says how each ended.
import type { Ending, FromChild, RunOrder } from '../ipc.ts';
import type { Calls } from './calls.ts';
import { type Call, createContext } from './context.ts';
import { endingOfError, endingOfMissing, endingOfValue } from './ending.ts';
import type { Loader } from './loader.ts';
import {
  capturing,
  closeOutput,
  currentOutput,
  type Output,
  linesWritten,
  openOutput,
} from './output.ts';

type Running = {
  readonly order: RunOrder;
  readonly output: Output;
  readonly controller: AbortController;
  /** Whether the task has looked at its signal, so that it can be trusted to end by itself. */
  listens: boolean;
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
    if (!running.delete(attempt.order.seq)) return;
    closeOutput(attempt.output);
    const { seq } = attempt.order;
    const told = masked(ending, attempt.output);
    say({ kind: 'ended', seq, ending: told, isSuspect, linesCount: linesWritten() });
  };

  const execute = async (attempt: Running) => {
    const { order, output } = attempt;
    const found = await loader
      .find(order)
      .catch((error: unknown) => ({ kind: 'broken' as const, error }));
    if (found.kind === 'outdated') {
      running.delete(order.seq);
      closeOutput(output);
      return say({ kind: 'outdated', seq: order.seq });
    }
    if (found.kind === 'missing') return end(attempt, endingOfMissing(found.sentence), false);
    // A module that failed to load stays failed in this child.
    if (found.kind === 'broken') return end(attempt, endingOfError(found.error), true);
    try {
      const value = await found.body(contextOf(attempt, calls.of(order.seq)) as never);
      end(attempt, endingOfValue(value, order.xcomBytesMax), false);
    } catch (error) {
      end(attempt, endingOfError(error), false);
    }
  };

  return {
    run: (order) => {
      const output = openOutput(order.seq, order.lineBytesMax);
      const attempt = { order, output, controller: new AbortController(), listens: false };
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

function contextOf(attempt: Running, call: Call) {
  return createContext({
    order: attempt.order,
    output: attempt.output,
    call,
    signal: () => {
      attempt.listens = true;
      return attempt.controller.signal;
    },
  });
}

/** Errors quote what they were given; a password among it must not leave the worker with them. */
function masked(ending: Ending, { mask }: Output): Ending {
  if (ending.kind === 'returned') return ending;
  if (ending.kind === 'skipped') return { ...ending, reason: mask.apply(ending.reason) };
  const { failure } = ending;
  const message = mask.apply(failure.message);
  return { kind: 'failed', failure: { ...failure, message, stack: mask.apply(failure.stack) } };
}
