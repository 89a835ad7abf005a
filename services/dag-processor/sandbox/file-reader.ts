// Reads DAG files, each in a child of its own: from a source to its DAGs, or to the error to show.
import type { Clock } from '#kernel/clock/clock.ts';
import { join } from 'node:path';
import type { FileContent } from '../core/file/file-record.ts';
import { decodeAnswer } from '../core/reading/decode-answer.ts';
import { type DagSource, languageOf } from '../core/file/dag-source.ts';
import type { DagLimits } from '../core/check/dag-view.ts';
import { explainOutcome, type ParseLimits } from '../core/reading/explain-outcome.ts';
import { importErrorText, namedImportError } from '../core/reading/import-error.ts';
import { validateDagFile } from '../core/check/validate-dag-spec.ts';
import type { Events } from '../events.ts';
import { type Readers, readCommand } from './command.ts';
import type { Isolation } from './isolation.ts';
import { runChild } from './run-child.ts';

/**
 * Reads one file of the folder `root` (absolute) in slot 0, 1, …; 'stopped' when we are stopping
 * and nothing can be said about it. Never rejects.
 */
export type FileReader = (
  source: DagSource,
  place: { readonly root: string; readonly slot: number },
) => Promise<FileContent | 'stopped'>;

/** What reading takes. */
export type FileReaderOptions = {
  readonly readers: Readers;
  /** Found out once for each folder; reading waits for it. */
  readonly isolation: (root: string) => Promise<Isolation>;
  readonly limits: ParseLimits;
  readonly dagLimits: DagLimits;
  /** Undefined when Python can read files, else what is missing and how to get it. */
  readonly lackOfPython: () => Promise<string | undefined>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** A reader of files. */
export function createFileReader(options: FileReaderOptions): FileReader {
  const { readers, limits, clock, signal, events } = options;
  return async (source, { root, slot }) => {
    const language = languageOf(source.path);
    if (language === undefined) return { kind: 'dags', dags: [] };
    const lack = language === 'python' ? await options.lackOfPython() : undefined;
    if (lack !== undefined) return refused(source, lack);
    const isolation = await options.isolation(root);
    const order = { language, file: join(root, source.path), root, slot };
    const command = readCommand(order, readers, isolation, limits);
    const run = { cwd: root, limits, canWatch: isolation.canWatch, clock, signal };
    const outcome = await runChild(command, run);
    if (outcome.kind === 'stopped') return 'stopped';
    if (outcome.kind === 'killed') events.childKilled(source.path, outcome.limit);
    if (outcome.kind !== 'answered') {
      return refused(source, explainOutcome(outcome, limits, language));
    }
    return judge(source, outcome.answer, options.dagLimits);
  };
}

function judge(source: DagSource, text: string, limits: DagLimits): FileContent {
  const answer = decodeAnswer(text);
  if (answer.kind === 'refused') return refused(source, answer.cause);
  const verdict = validateDagFile(answer.dags, source, limits);
  if (verdict.kind === 'valid') return { kind: 'dags', dags: verdict.dags };
  return { kind: 'error', text: importErrorText(source.path, verdict.problems) };
}

function refused(source: DagSource, cause: string): FileContent {
  return { kind: 'error', text: namedImportError(source.path, cause) };
}
