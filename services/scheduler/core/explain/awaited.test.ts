// What a deferred task waits for, by name, and without what may be secret.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { awaitedWords } from './awaited.ts';

type Kind = NonNullable<MessageInitShape<typeof TriggerSpecSchema>['kind']>;

test.each<[Kind, string]>([
  [
    { case: 'http', value: { url: 'https://ada:pw@jobs.example/7?key=s3cret' } },
    'an answer of "https://jobs.example/7"',
  ],
  [{ case: 'file', value: { path: '/in/*.csv' } }, 'file "/in/*.csv" to appear'],
  [{ case: 'file', value: { path: '/lock', isGone: true } }, 'file "/lock" to be gone'],
  [{ case: 'externalTask', value: { dagId: 'etl' } }, 'DAG "etl"'],
  [
    { case: 'externalTask', value: { dagId: 'etl', runId: 'r', taskIds: ['a', 'b'] } },
    '"a", "b" of run "r" of DAG "etl"',
  ],
  [{ case: 'asset', value: { assetName: 'rows' } }, 'an update of asset "rows"'],
])('%j is called %s', (kind, words) => {
  expect(awaitedWords(create(TriggerSpecSchema, { kind }))).toBe(words);
});
