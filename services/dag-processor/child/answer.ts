// How a reading child answers its parent: one JSON object on descriptor 3, and then it ends.
import { writeSync } from 'node:fs';
import { toBinary } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';

const ANSWER_FD = 3;

/** Answers the DAGs of the file and ends the program, whatever the file left running. */
export function answerDags(dags: readonly DagSpec[]): never {
  const encoded = dags.map((dag) => Buffer.from(toBinary(DagSpecSchema, dag)).toString('base64'));
  return answer({ dags: encoded }, 0);
}

/** Answers why the file cannot be used, as `<file>:<line>: <cause>`, and ends the program. */
export function answerError(error: string): never {
  return answer({ error }, 1);
}

function answer(message: object, exitCode: number): never {
  let rest = Buffer.from(JSON.stringify(message));
  while (rest.length > 0) rest = rest.subarray(writeSync(ANSWER_FD, rest));
  process.exit(exitCode);
}
