// Reads what a reading child answers: DAGs, or why there are none. Nothing in it is believed.
import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** What a child's answer says. */
export type Answer =
  | { readonly kind: 'dags'; readonly dags: readonly DagSpec[] }
  /** In the child's words, which may begin with file and line. */
  | { readonly kind: 'refused'; readonly cause: string };

const DAGS_MAX = 1_000;
const TASKS_MAX = 10_000;
const SPEC_BYTES_MAX = 16 * 1024 * 1024;

/** Reads `{"dags": [<base64 of a DagSpec>, …]}` or `{"error": "…"}`. */
export function decodeAnswer(text: string): Answer {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return refused('the reader of the file stopped in the middle of its answer');
  }
  if (typeof answer !== 'object' || answer === null) return refused('the answer is no object');
  if ('error' in answer && typeof answer.error === 'string') return refused(answer.error);
  if (!('dags' in answer) || !Array.isArray(answer.dags)) return refused('the answer has no DAGs');
  if (answer.dags.length > DAGS_MAX) {
    return refused(`it declares ${answer.dags.length} DAGs; at most ${DAGS_MAX} fit one file`);
  }
  return decodeDags(answer.dags);
}

function decodeDags(encoded: readonly unknown[]): Answer {
  const dags: DagSpec[] = [];
  for (const each of encoded) {
    if (typeof each !== 'string') return refused('a DAG of the answer is no text');
    const bytes = Buffer.from(each, 'base64');
    try {
      const cause = tooLarge(bytes);
      if (cause !== undefined) return refused(cause);
      dags.push(fromBinary(DagSpecSchema, bytes));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return refused(`a DAG of the answer cannot be decoded: ${reason}`);
    }
  }
  return { kind: 'dags', dags };
}

// Judged before decoding, because a million tasks would hold up everybody else while they are
// decoded.
function tooLarge(bytes: Uint8Array): string | undefined {
  if (bytes.length > SPEC_BYTES_MAX) {
    return `a DAG has ${bytes.length} bytes; at most ${SPEC_BYTES_MAX} are allowed, so move values out of it`;
  }
  const tasksCount = countField(bytes, DagSpecSchema.field.tasks.number);
  if (tasksCount <= TASKS_MAX) return undefined;
  return `a DAG has ${tasksCount} tasks; at most ${TASKS_MAX} are allowed, so split it`;
}

function countField(bytes: Uint8Array, wanted: number): number {
  const reader = new BinaryReader(bytes);
  let count = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    reader.skip(wireType, field);
    if (field === wanted) count++;
  }
  return count;
}

function refused(cause: string): Answer {
  return { kind: 'refused', cause };
}
