// A YAML file: its documents, and what is wrong with them.
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { Problem } from '../../core/import-error.ts';
import { readYamlDag } from './yaml-dag.ts';

/** What a YAML file declares. */
export type YamlDags = {
  /** To be used only when there are no problems. */
  readonly dags: readonly DagSpec[];
  readonly problems: readonly Problem[];
};

const DOCUMENTS_MAX = 1_000;

/** Reads all documents of a file. */
export function readYamlDags(source: string): YamlDags {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const documents = parseAllDocuments(source, { lineCounter: lines, prettyErrors: false });
  const dags = [...documents].slice(0, DOCUMENTS_MAX).map((document) => {
    problems.push(...syntaxProblems(document, lines));
    return document.errors.length > 0 ? undefined : readYamlDag({ document, lines, problems });
  });
  return { dags: dags.filter((dag) => dag !== undefined), problems };
}

// The first error is the author's; those behind it mostly follow from it.
function syntaxProblems(document: Document.Parsed, lines: LineCounter): Problem[] {
  return document.errors.slice(0, 1).map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    cause: isTooDeep(message) ? 'it is nested too deeply' : `not YAML: ${message}`,
  }));
}

function isTooDeep(message: string): boolean {
  return message.includes('call stack');
}
