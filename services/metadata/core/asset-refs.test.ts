// What a spec says about assets, whichever way it says it.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import type { AssetExpressionSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { type Timetable, TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { aDag } from '../testing/builders.ts';
import { assetFactsOf, uriOf } from './asset-refs.ts';

type Expression = MessageInitShape<typeof AssetExpressionSchema>;

const byName = (name: string): Expression => ({ kind: { case: 'asset', value: { name } } });
const byUri = (uri: string): Expression => ({ kind: { case: 'asset', value: { uri } } });
const byAlias = (value: string): Expression => ({ kind: { case: 'alias', value } });
const all = (...expressions: Expression[]): Expression => ({
  kind: { case: 'all', value: { expressions } },
});
const any = (...expressions: Expression[]): Expression => ({
  kind: { case: 'any', value: { expressions } },
});
const consumedBy = (timetable: Timetable) => assetFactsOf(aDag({ timetable })).consumed;

const condition = all(byName('a'), any(byUri('s3://b'), all(byAlias('c'), byName('a'))));
const consumed = [
  { kind: 'name', ref: 'a' },
  { kind: 'uri', ref: 's3://b' },
  { kind: 'alias', ref: 'c' },
];

test('a condition awaits all it names, however deep, each once', () => {
  for (const kind of ['asset', 'assetOrTime', 'partitionedAsset'] as const) {
    const timetable = create(TimetableSchema, { kind: { case: kind, value: { condition } } });
    expect(consumedBy(timetable)).toEqual(consumed);
  }
});

test('a schedule of time awaits nothing', () => {
  const cron = { case: 'cron', value: { expression: '@daily' } } as const;
  expect(consumedBy(create(TimetableSchema, { kind: cron }))).toEqual([]);
  expect(assetFactsOf(aDag()).consumed).toEqual([]);
});

test('tasks read and make what their ports name, each once', () => {
  const a = { kind: { case: 'asset', value: { name: 'a', uri: 's3://a' } } } as const;
  const c = { kind: { case: 'alias', value: 'c' } } as const;
  const task = { taskId: 't', queue: 'default', pool: 'default_pool' };
  const { ports } = assetFactsOf(aDag({ tasks: [{ ...task, inlets: [a], outlets: [a, c, a] }] }));
  expect(ports).toEqual([
    { taskId: 't', direction: 'inlet', kind: 'name', ref: 'a' },
    { taskId: 't', direction: 'outlet', kind: 'name', ref: 'a' },
    { taskId: 't', direction: 'outlet', kind: 'alias', ref: 'c' },
  ]);
});

test('an asset without a URI is at its name', () => {
  expect(uriOf({ name: 'a', uri: '' })).toBe('a');
  expect(uriOf({ name: 'a', uri: 's3://a' })).toBe('s3://a');
});
