// What a child may answer, and that nothing it answers can harm us.
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect, test } from 'vitest';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { decodeAnswer } from './decode-answer.ts';

const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

test('DAGs are decoded', () => {
  const bytes = toBinary(DagSpecSchema, create(DagSpecSchema, { dagId: 'x' }));
  const answer = decodeAnswer(JSON.stringify({ dags: [encoded(bytes)] }));
  expect(answer).toMatchObject({ kind: 'dags', dags: [{ dagId: 'x' }] });
});

test('an error is the child’s own', () => {
  expect(decodeAnswer('{"error":"x.ts:1: no"}')).toEqual({ kind: 'refused', cause: 'x.ts:1: no' });
});

test.each([
  ['{"dags":["', 'stopped in the middle of its answer'],
  ['null', 'the answer is no object'],
  ['{}', 'the answer has no DAGs'],
  ['{"dags":[1]}', 'a DAG of the answer is no text'],
  ['{"dags":["AAAA"]}', 'a DAG of the answer cannot be decoded'],
  [
    JSON.stringify({ dags: Array(1_001).fill('') }),
    'it declares 1001 DAGs; at most 1000 fit one file',
  ],
])('%.30s is refused', (text, cause) => {
  const answer = decodeAnswer(text);
  expect(answer.kind === 'refused' ? answer.cause : '').toContain(cause);
});

test('a million tasks are refused before they are decoded', () => {
  const writer = new BinaryWriter();
  for (let count = 0; count < 1_000_000; count++)
    writer.tag(14, WireType.LengthDelimited).fork().join();
  const beganMs = performance.now();
  const answer = decodeAnswer(JSON.stringify({ dags: [encoded(writer.finish())] }));
  expect(answer).toMatchObject({ cause: expect.stringContaining('has 1000000 tasks') });
  expect(performance.now() - beganMs).toBeLessThan(10_000);
});
