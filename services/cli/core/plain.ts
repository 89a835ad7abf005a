// Messages as plain values for `-o json` and `-o yaml`: proto field names, states in lower case.
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonValue,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf';
import type { GenEnum } from '@bufbuild/protobuf/codegenv2';

/**
 * A message as a JSON value. Fields keep their names in the contract (`dag_id`), enums are their
 * value's name without its prefix (`success`), 64-bit numbers are strings, instants RFC 3339.
 */
export function toPlain<S extends DescMessage>(schema: S, message: MessageShape<S>): JsonValue {
  const json = toJson(schema, message, { useProtoFieldName: true, alwaysEmitImplicit: true });
  return shortenEnums(schema, json);
}

/** The name of an enum value without its prefix: `DAG_RUN_STATE_FAILED` is `failed`. */
export function enumName(schema: DescEnum, value: number): string {
  return shorten(schema, schema.value[value]?.name ?? String(value));
}

/** All values of an enum by such a name, without `unspecified`. */
export function enumNames<V extends number>(schema: GenEnum<V>): ReadonlyMap<string, V> {
  const stored = schema.values.filter((value) => value.number !== 0);
  // A GenEnum describes the enum that `V` stands for, so its numbers are `V`s.
  return new Map(stored.map((value) => [shorten(schema, value.name), value.number as V]));
}

function shortenEnums(schema: DescMessage, json: JsonValue): JsonValue {
  if (!isObject(json) || schema.typeName.startsWith('google.protobuf.')) return json;
  const fields = new Map(schema.fields.map((field) => [field.name, field]));
  return mapValues(json, (value, name) => {
    const field = fields.get(name);
    return field === undefined ? value : shortenField(field, value);
  });
}

function shortenField(field: DescField, json: JsonValue): JsonValue {
  const one = (value: JsonValue): JsonValue => {
    if (field.enum !== undefined) return shorten(field.enum, String(value));
    return field.message === undefined ? value : shortenEnums(field.message, value);
  };
  if (field.fieldKind === 'list' && Array.isArray(json)) return json.map(one);
  if (field.fieldKind === 'map' && isObject(json)) return mapValues(json, one);
  return one(json);
}

function shorten(schema: DescEnum, name: string): string {
  const prefix = schema.sharedPrefix ?? '';
  const lower = name.toLowerCase();
  return lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
}

type JsonObject = { readonly [name: string]: JsonValue };

function isObject(json: JsonValue): json is { [name: string]: JsonValue } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function mapValues(
  json: JsonObject,
  map: (value: JsonValue, name: string) => JsonValue,
): { [name: string]: JsonValue } {
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, map(value, name)]));
}
