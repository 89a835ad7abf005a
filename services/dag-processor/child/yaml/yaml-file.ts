// A YAML file: its documents, and what is wrong with them.
import { type Document, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { Problem } from '../../core/reading/import-error.ts';
import { readYamlDag } from './yaml-dag.ts';
import { blame, lineOfNode, type Reading } from './yaml-reader.ts';

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
  const documents = parseAllDocuments(source, {
    lineCounter: lines,
    prettyErrors: false,
    // Compares each key with each other one, which takes seconds for ten thousand tasks.
    uniqueKeys: false,
  });
  const tooMany = [...documents][DOCUMENTS_MAX];
  if (tooMany !== undefined) {
    const { line } = lines.linePos(tooMany.range[0]);
    const cause = `it has more than ${DOCUMENTS_MAX} documents; make several files of it`;
    return { dags: [], problems: [{ line, cause }] };
  }
  const dags = [...documents].map((document) => {
    const reading: Reading = { document, lines, problems };
    problems.push(...syntaxProblems(document, lines));
    if (document.errors.length > 0) return undefined;
    blameDoubledKeys(reading);
    return readBounded(reading);
  });
  return { dags: dags.filter((dag) => dag !== undefined), problems };
}

// Values are read as deep as they go, and an alias inside its own anchor goes on for ever.
function readBounded(reading: Reading): DagSpec | undefined {
  try {
    return readYamlDag(reading);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const cause = 'it is nested too deeply, or an alias stands inside what it names';
    return blame(reading, reading.document.contents ?? undefined, cause);
  }
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

function blameDoubledKeys(reading: Reading): void {
  visit(reading.document, {
    Map(_, { items }) {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const line = lineOfNode(reading, key);
        if (known.has(key.value)) {
          reading.problems.push({
            line,
            cause: `the key "${key.value}" stands here a second time`,
          });
        }
        known.add(key.value);
      }
    },
  });
}
