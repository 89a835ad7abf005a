// Reads DAG files, each in a child of its own: from a source to its DAGs, or to the error to show.
import type { Clock } from '#kernel/clock/clock.ts';
import { join } from 'node:path';
import type { FileContent } from '../core/file-record.ts';
import { decodeAnswer } from '../core/decode-answer.ts';
import { type DagSource, languageOf } from '../core/dag-source.ts';
import { explainOutcome, type ParseLimits } from '../core/explain-outcome.ts';
import { importErrorText, namedImportError } from '../core/import-error.ts';
import { validateDagFile } from '../core/validate-dag-spec.ts';
import type { Events } from '../events.ts';
import { type Readers, readCommand } from './command.ts';
import type { Isolation } from './isolation.ts';
import { runChild } from './run-child.ts';

/**
 * Reads one file in slot 0, 1, …; 'stopped' when we are stopping and nothing can be said about it.
 * Never rejects.
 */
export type FileReader = (source: DagSource, slot: number) => Promise<FileContent | 'stopped'>;

/** What reading takes. */
export type FileReaderOptions = {
  readonly root: string;
  readonly readers: Readers;
  /** Found out once; reading waits for it. */
  readonly isolation: () => Promise<Isolation>;
  readonly limits: ParseLimits;
  /** Undefined when Python can read files, else what is missing and how to get it. */
  readonly lackOfPython: () => Promise<string | undefined>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** A reader of the files of one folder. */
export function createFileReader(options: FileReaderOptions): FileReader {
  const { root, readers, limits, clock, signal, events } = options;
  return async (source, slot) => {
    const language = languageOf(source.path);
    if (language === undefined) return { kind: 'dags', dags: [] };
    const lack = language === 'python' ? await options.lackOfPython() : undefined;
    if (lack !== undefined) return refused(source, lack);
    const isolation = await options.isolation();
    const order = { language, file: join(root, source.path), root, slot };
    const command = readCommand(order, readers, isolation, limits);
    const run = { cwd: root, limits, canWatch: isolation.canWatch, clock, signal };
    const outcome = await runChild(command, run);
    if (outcome.kind === 'stopped') return 'stopped';
    if (outcome.kind === 'killed') events.childKilled(source.path, outcome.limit);
    if (outcome.kind !== 'answered') {
      return refused(source, explainOutcome(outcome, limits, language));
    }
    return judge(source, outcome.answer);
  };
}

function judge(source: DagSource, text: string): FileContent {
  const answer = decodeAnswer(text);
  if (answer.kind === 'refused') return refused(source, answer.cause);
  const verdict = validateDagFile(answer.dags, source);
  if (verdict.kind === 'valid') return { kind: 'dags', dags: verdict.dags };
  return { kind: 'error', text: importErrorText(source.path, verdict.problems) };
}

function refused(source: DagSource, cause: string): FileContent {
  return { kind: 'error', text: namedImportError(source.path, cause) };
}
