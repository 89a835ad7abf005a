// The assets of a YAML DAG: what it declares, what its tasks make and read, what it waits for.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AssetExpressionSchema,
  AssetPortSchema,
  AssetSpecSchema,
} from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { text } from './yaml-fields.ts';
import { type Field, isSequence, jsonText } from './yaml-reader.ts';
import { byKey, listOf, named, record, textOr, under } from './yaml-shapes.ts';
import { trigger } from './yaml-waiting.ts';

type AssetInit = MessageInitShape<typeof AssetSpecSchema>;
type PortInit = MessageInitShape<typeof AssetPortSchema>;
type ConditionInit = MessageInitShape<typeof AssetExpressionSchema>;

const ASSET = {
  uri: text,
  group: text,
  extra: jsonText,
  watchers: named(trigger, ({ key }, read) => ({ name: key, trigger: read })),
};

/** The assets of a DAG: name → its URI, or all there is to say about it. */
export const assets: Field<AssetInit[]> = named(
  textOr(
    (uri) => ({ uri }),
    record(ASSET, ({ extra, ...values }) => ({ ...values, extraJson: extra })),
  ),
  ({ key }, values) => ({ ...values, name: key }),
);

type RefInit = Extract<PortInit['kind'], { case: 'asset' | 'alias' }>;

/** The name of an asset, or `{ uri }`, or `{ alias }`. */
const ref: Field<RefInit> = textOr(
  (name): RefInit => ({ case: 'asset', value: { name } }),
  byKey<RefInit>({
    asset: record({ asset: text, uri: text }, ({ asset, uri }) => ({
      case: 'asset',
      value: { name: asset, uri },
    })),
    uri: under('uri', text, (uri) => ({ case: 'asset', value: { uri } })),
    alias: under('alias', text, (value) => ({ case: 'alias', value })),
  }),
);

/** What a task makes or reads: one, or a list. */
export const ports: Field<PortInit[]> = listOf((node, what, reading) => {
  const kind = ref(node, what, reading);
  return kind === undefined ? undefined : { kind };
});

/** A condition: an asset, `{ all: […] }`, `{ any: […] }`; a list means all of it. */
export const condition: Field<ConditionInit> = (node, what, reading) =>
  (isSequence(node, reading) ? allOf : anyCondition)(node, what, reading);

const conditions = listOf(condition);

const allOf: Field<ConditionInit> = (node, what, reading) => ({
  kind: { case: 'all', value: { expressions: conditions(node, what, reading) } },
});

const anyCondition = byKey<ConditionInit>(
  {
    all: under('all', conditions, (expressions) => ({
      kind: { case: 'all', value: { expressions } },
    })),
    any: under('any', conditions, (expressions) => ({
      kind: { case: 'any', value: { expressions } },
    })),
  },
  (node, what, reading) => {
    const kind = ref(node, what, reading);
    return kind === undefined ? undefined : { kind };
  },
);
