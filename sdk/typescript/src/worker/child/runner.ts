// Runs the attempts a child is given and says how each ended.
import type { JsonValue } from '../../json.ts';
import { fillPlaceholders } from '../../task/placeholders.ts';
import type { AssetUpdate, Ending, FromChild, RunOrder } from '../ipc.ts';
import { builtInBody } from './built-in.ts';
import type { Calls } from './calls.ts';
import { createContext, objectOf } from './context.ts';
import { endingOfError, endingOfMissing, endingOfValue } from './ending.ts';
import type { Found, Loader } from './loader.ts';
import {
  capturing,
  closeOutput,
  currentOutput,
  linesWritten,
  openOutput,
  type Output,
} from './output.ts';
import { transformed } from './transforms.ts';

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

  /** The body behind a handler; throws NoBody where there is none to call. */
  const bodyOf = async (order: RunOrder, handler: string) => {
    const found = await loader
      .find({ ...order, handler })
      .catch((error: unknown) => ({ kind: 'broken' as const, error }));
    if (found.kind === 'body') return found.body as (given: unknown) => unknown;
    throw new NoBody(found);
  };

  const execute = async (attempt: Running) => {
    const { order } = attempt;
    try {
      const body = order.builtIn === undefined ? await bodyOf(order, order.handler) : undefined;
      const change = async (handler: string, value: JsonValue) =>
        jsonValueOf(await (await bodyOf(order, handler))(value));
      const inputs = await transformed(objectOf(order.inputsJson), order.inputTransforms, change);
      attempt.mapLabel = fillPlaceholders(order.mapIndexTemplate, inputs);
      const updates: AssetUpdate[] = [];
      const context = contextOf(attempt, { inputs, updates, call: calls.of(order.seq) });
      const run = body ?? builtInBody(order.builtIn);
      end(attempt, endingOfValue(await run(context), order.xcomBytesMax, updates), false);
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

/** There is no code to call behind a handler. */
class NoBody extends Error {
  readonly found: Exclude<Found, { kind: 'body' }> | { kind: 'broken'; error: unknown };

  constructor(found: NoBody['found']) {
    super('there is no code behind the handler');
    this.found = found;
  }
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

/** What a function of the author made of an element, as JSON would carry it. */
function jsonValueOf(value: unknown): JsonValue {
  const json = JSON.stringify(value ?? null);
  if (json !== undefined) return JSON.parse(json) as JsonValue;
  throw new TypeError(`a function of map() returned a ${typeof value}, which JSON cannot say`);
}

/** Errors quote what they were given; a password among it must not leave the worker with them. */
function masked(ending: Ending, { mask }: Output): Ending {
  if (ending.kind === 'skipped') return { ...ending, reason: mask.apply(ending.reason) };
  if (ending.kind !== 'failed') return ending;
  const { failure } = ending;
  const message = mask.apply(failure.message);
  return { kind: 'failed', failure: { ...failure, message, stack: mask.apply(failure.stack) } };
}
