// The params of a YAML DAG.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { isMap } from 'yaml';
import type { ParamSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import {
  type Entry,
  type Field,
  jsonText,
  mapOf,
  readEntries,
  type Reading,
} from './yaml-reader.ts';

type ParamInit = MessageInitShape<typeof ParamSpecSchema>;

/** A plain default, or a JSON Schema with `default` and `description` in it. */
export const params: Field<ParamInit[]> = (node, what, reading) =>
  readEntries(node, what, reading)?.map((entry) => readParam(entry, what, reading));

function readParam({ key, value }: Entry, what: string, reading: Reading): ParamInit {
  if (value === undefined) return { name: key, defaultJson: 'null' };
  const written = mapOf(value, reading);
  if (written === undefined) {
    return { name: key, defaultJson: jsonText(value, `"${key}" in ${what}`, reading) };
  }
  const initial = written.get('default', true);
  const description = written.get('description');
  const schema = written.clone();
  if (!isMap(schema)) return { name: key };
  schema.delete('default');
  schema.delete('description');
  return {
    name: key,
    defaultJson: initial === undefined ? '' : jsonText(initial, `the default of "${key}"`, reading),
    schemaJson:
      schema.items.length === 0 ? '' : jsonText(schema, `the schema of "${key}"`, reading),
    description: typeof description === 'string' ? description : '',
  };
}
