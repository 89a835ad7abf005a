// Tells an author why the child that read a file ended without an answer, and what to do about it.
import type { DagLanguage } from '../file/dag-source.ts';

/** What became of a child. */
export type ChildOutcome =
  /** It said something, complete or not. */
  | { readonly kind: 'answered'; readonly answer: string }
  /** It ended by itself without a word. */
  | {
      readonly kind: 'ended';
      readonly exitCode: number | undefined;
      readonly signal: string | undefined;
      /** The end of what it printed. */
      readonly lastOutput: string;
    }
  /** It broke a limit and was killed. */
  | { readonly kind: 'killed'; readonly limit: Limit }
  /** We are stopping; nothing is said about the file. */
  | { readonly kind: 'stopped' }
  /** It could not be started. */
  | { readonly kind: 'not_started'; readonly cause: string };

/** The limits that a child can break. */
export type Limit = 'time' | 'memory' | 'output' | 'answer' | 'processes';

/** How much a child may use. */
export type ParseLimits = {
  /** From start to answer. */
  readonly timeMaxMs: number;
  /** Resident memory of the child and all it started. */
  readonly memoryMaxBytes: number;
  /** What it prints. */
  readonly outputMaxBytes: number;
  /** What it answers: DAGs in base64. */
  readonly answerMaxBytes: number;
  /** Processes it runs at once, itself included. */
  readonly processesMax: number;
};

const MIB = 1024 * 1024;
const UNSETTLED_TOP_LEVEL_AWAIT = 13;
const SHOWN_OUTPUT_MAX = 1_000;

/** One sentence on what happened, one on what to do. */
export function explainOutcome(
  outcome: Exclude<ChildOutcome, { kind: 'answered' | 'stopped' }>,
  limits: ParseLimits,
  language: DagLanguage,
): string {
  switch (outcome.kind) {
    case 'killed':
      return explainLimit(outcome.limit, limits);
    case 'not_started':
      return outcome.cause;
    case 'ended':
      return explainEnd(outcome, limits, language);
  }
}

function explainLimit(limit: Limit, limits: ParseLimits): string {
  const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
  const texts: Readonly<Record<Limit, readonly [did: string, advice: string]>> = {
    time: [
      `reading the file took longer than ${limits.timeMaxMs / 1_000} s and was stopped`,
      'a DAG file should only declare, so move the work into a task',
    ],
    memory: [
      `reading the file needed more than ${mib(limits.memoryMaxBytes)} of memory and was stopped`,
      'load such things in a task',
    ],
    output: [
      `the file printed more than ${mib(limits.outputMaxBytes)} while it was read and was stopped`,
      'a DAG file should print nothing',
    ],
    answer: [
      `its DAGs take more than ${mib(limits.answerMaxBytes)}`,
      'split the file, or move values out of it',
    ],
    processes: [
      `the file started more than ${limits.processesMax} processes and was stopped`,
      'start programs in a task',
    ],
  };
  return texts[limit].join('; ');
}

function explainEnd(
  { exitCode, signal, lastOutput }: Extract<ChildOutcome, { kind: 'ended' }>,
  limits: ParseLimits,
  language: DagLanguage,
): string {
  if (/heap out of memory|MemoryError/.test(lastOutput)) return explainLimit('memory', limits);
  if (exitCode === UNSETTLED_TOP_LEVEL_AWAIT && language === 'typescript') {
    return 'the file awaits something at its top level that never comes; await it in a task';
  }
  if (signal !== undefined) return `reading the file was ended by ${signal}${shown(lastOutput)}`;
  const call = language === 'python' ? 'sys.exit or os._exit' : 'process.exit';
  const did = `the file ended its program with exit code ${exitCode ?? 0} while it was read`;
  return `${did}; remove the call of ${call}${shown(lastOutput)}`;
}

function shown(output: string): string {
  const text = output.trim().slice(-SHOWN_OUTPUT_MAX);
  return text === '' ? '' : `; it printed: ${text}`;
}
