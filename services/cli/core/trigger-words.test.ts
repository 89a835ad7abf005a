// Triggers as people read them.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { triggerWords } from './trigger-words.ts';

type Kind = MessageInitShape<typeof TriggerSpecSchema>['kind'];
const hour = toDuration(3_600_000);

test.each<readonly [string, Kind]>([
  ['every 1h00m', { case: 'timer', value: { moment: { case: 'after', value: hour } } }],
  ['GET https://example.org/', { case: 'http', value: { url: 'https://example.org/' } }],
  ['POST https://a.org', { case: 'http', value: { url: 'https://a.org', method: 'POST' } }],
  ['file /in/*.csv', { case: 'file', value: { path: '/in/*.csv' } }],
  ['no file /lock', { case: 'file', value: { path: '/lock', isGone: true } }],
  ['asset rows', { case: 'asset', value: { assetName: 'rows' } }],
  ['DAG etl r1', { case: 'externalTask', value: { dagId: 'etl', runId: 'r1' } }],
  ['DAG etl a,b', { case: 'externalTask', value: { dagId: 'etl', taskIds: ['a', 'b'] } }],
  ['something this version does not know', { case: undefined }],
])('%s', (words, kind) => {
  expect(triggerWords(create(TriggerSpecSchema, { kind }))).toBe(words);
});
