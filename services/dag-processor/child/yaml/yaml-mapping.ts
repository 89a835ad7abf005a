// What mapped tasks and groups of a YAML DAG are mapped over, and the groups themselves.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MappingSourceSchema, MappingSpecSchema } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { text } from './yaml-fields.ts';
import {
  type Field,
  jsonText,
  readEntries,
  readMapping,
  type Reading,
  type Values,
} from './yaml-reader.ts';
import { byKey, listOf, named, record, under } from './yaml-shapes.ts';

type SourceInit = MessageInitShape<typeof MappingSourceSchema>;
type GroupInit = {
  readonly groupId: string;
  readonly parentGroupId: string;
  readonly displayName: string;
  readonly tooltip: string;
  readonly mapping: MappingInit | undefined;
};
type MappingInit = MessageInitShape<typeof MappingSpecSchema>;

/** Any value as it stands. */
const literal: Field<SourceInit> = (node, what, reading) => {
  const value = jsonText(node, what, reading);
  return value === undefined ? undefined : { kind: { case: 'valueJson', value } };
};

/** Sources may be made of sources. */
const source: Field<SourceInit> = (node, what, reading) => anySource(node, what, reading);

const anySource = byKey<SourceInit>(
  {
    xcom: under('xcom', text, (value) => ({ kind: { case: 'taskId', value } })),
    zip: record({ zip: listOf(source), fillvalue: jsonText }, ({ zip, fillvalue }) => ({
      kind: { case: 'zip', value: { sources: zip, fillJson: fillvalue } },
    })),
    concat: under('concat', listOf(source), (sources) => ({
      kind: { case: 'concat', value: { sources } },
    })),
    map: record({ map: text, over: source }, ({ map, over }) => ({
      kind: { case: 'map', value: { handler: map, source: over } },
    })),
    value: under('value', literal, (read) => read),
  },
  literal,
);

const product = named(source, ({ key }, read) => ({ name: key, source: read }));

const expand: Field<MappingInit> = (node, what, reading) => ({
  kind: { case: 'product', value: { arguments: product(node, what, reading) } },
});

const expandKwargs: Field<MappingInit> = (node, what, reading) => {
  const value = source(node, what, reading);
  return value === undefined ? undefined : { kind: { case: 'kwargs', value } };
};

/**
 * The keys of what can be mapped: arguments with what each is mapped over, or where the objects
 * come from that are the arguments.
 */
export const MAPPED = { expand, expand_kwargs: expandKwargs };

/** The mapping that those keys say; both at once is a problem of `what`. */
export function mappingOf(
  { expand: product, expand_kwargs: kwargs }: Values<typeof MAPPED>,
  {
    what,
    line,
    reading,
  }: { readonly what: string; readonly line: number; readonly reading: Reading },
): MappingInit | undefined {
  if (product !== undefined && kwargs !== undefined) {
    reading.problems.push({
      line,
      cause: `${what} has expand and expand_kwargs; keep one of them`,
    });
  }
  return product ?? kwargs;
}

const GROUP = { ...MAPPED, parent_group: text, display_name: text, tooltip: text };

/** The groups of a DAG: id → what there is to say about each. */
export const taskGroups: Field<GroupInit[]> = (node, place, reading) =>
  readEntries(node, place, reading)?.map(({ key, value, line }) => {
    const what = `group "${key}"`;
    const values = value === undefined ? {} : readMapping(value, GROUP, { what, reading });
    return {
      groupId: key,
      parentGroupId: values.parent_group ?? '',
      displayName: values.display_name ?? '',
      tooltip: values.tooltip ?? '',
      mapping: mappingOf(values, { what, line, reading }),
    };
  });
