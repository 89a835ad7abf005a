// Assets: the data that tasks make and DAGs wait for, and conditions over them.
import { create } from '@bufbuild/protobuf';
import {
  type AssetExpressionSchema,
  type AssetPortSchema,
  type AssetSpec,
  AssetSpecSchema,
} from '../gen/dagmesh/dag/v1/asset_pb.ts';
import type { JsonObject } from '../json.ts';
import { DagError, declaring } from './checks/dag-error.ts';
import type { FieldsOf } from './values/fields.ts';
import { jsonOf } from './values/json-text.ts';
import { requireShapes, type Shapes } from './checks/shapes.ts';
import { isTrigger, type Trigger } from './waiting/triggers.ts';

/** A piece of data, known by its name in the installation; made by `asset`. */
export type Asset = {
  readonly kind: 'asset';
  readonly name: string;
  readonly uri: string;
  readonly spec: AssetSpec;
};

/** An asset that is described elsewhere; made by `assetRef`. */
export type AssetRef = { readonly kind: 'asset_ref'; readonly name: string; readonly uri: string };

/** A name that a task resolves to assets while it runs; made by `assetAlias`. */
export type AssetAlias = { readonly kind: 'asset_alias'; readonly name: string };

/** A condition over assets, made by `allOf` or `anyOf`. */
export type AssetCondition = {
  readonly kind: 'all' | 'any';
  readonly parts: readonly AssetExpression[];
};

/** What a schedule may wait for; a list means all of it. */
export type AssetExpression =
  | Asset
  | AssetRef
  | AssetAlias
  | AssetCondition
  | readonly AssetExpression[];

/** What a task makes (outlet) or reads (inlet). */
export type AssetPort = Asset | AssetRef | AssetAlias;

/** What may be said of an asset. */
export type AssetOptions = {
  /** Where it is; its name by default. The scheme `airflow:` is reserved. */
  readonly uri?: string;
  /** What it belongs to. */
  readonly group?: string;
  /** For people. */
  readonly extra?: JsonObject;
  /**
   * Each event of one of these is an update of the asset, and the extra of that update. What stays
   * true is one event: files count again when one comes, goes or changes, an answer over HTTP when
   * it is another. Write files elsewhere and move them: one that grows changes at every look. No
   * more than 1,000 files are seen at a time.
   */
  readonly watchers?: { readonly [name: string]: Trigger };
};

const ASSET_SHAPES: Shapes<AssetOptions> = {
  uri: 'text',
  group: 'text',
  extra: 'object',
  watchers: 'object',
};
const NAME_LENGTH_MAX = 1_500;
const PARTS_MAX = 100;

/** Describes an asset. Throws a DagError when the name or the URI cannot be one. */
export function asset(name: string, options: AssetOptions = {}): Asset {
  requireShapes(`asset "${name}"`, options, ASSET_SHAPES);
  const { uri = name, group = '', extra, watchers = {} } = options;
  requireText('name', name);
  requireText('uri', uri);
  if (uri.startsWith('airflow:')) {
    throw new DagError(`the scheme airflow: of "${uri}" is reserved; use another one`);
  }
  const spec = create(AssetSpecSchema, {
    name,
    uri,
    group,
    extraJson: extra === undefined ? '' : declaring('extra', () => jsonOf(extra, 'extra')),
    watchers: Object.entries(watchers).map(([watcher, waited]) => {
      if (isTrigger(waited)) return { name: watcher, trigger: waited.spec };
      throw new DagError(`the watcher "${watcher}" is no trigger; use e.g. trigger.file()`);
    }),
  });
  return Object.freeze({ kind: 'asset', name, uri, spec });
}

/** An asset that another DAG describes, by its name or by its URI. */
export function assetRef(by: { readonly name: string } | { readonly uri: string }): AssetRef {
  const name = 'name' in by ? by.name : '';
  const uri = 'uri' in by ? by.uri : '';
  requireText('the reference to an asset', name || uri);
  return { kind: 'asset_ref', name, uri };
}

/** A name for assets that are known only while a task runs. */
export function assetAlias(name: string): AssetAlias {
  requireText('name', name);
  return { kind: 'asset_alias', name };
}

/** True when all of them were updated; `[a, b]` says the same. */
export function allOf(...parts: readonly AssetExpression[]): AssetCondition {
  return { kind: 'all', parts };
}

/** True when one of them was updated. */
export function anyOf(...parts: readonly AssetExpression[]): AssetCondition {
  return { kind: 'any', parts };
}

/** Whether a value can be waited for as assets. */
export function isAssetExpression(value: unknown): value is AssetExpression {
  if (Array.isArray(value)) return value.every(isAssetExpression);
  if (isPort(value)) return true;
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return value.kind === 'all' || value.kind === 'any';
}

/** The contract's form of a condition. */
export function assetExpression(
  expression: AssetExpression,
): FieldsOf<typeof AssetExpressionSchema> {
  if (isList(expression)) return assetExpression(allOf(...expression));
  if (expression.kind === 'all' || expression.kind === 'any') {
    const { kind, parts } = expression;
    if (parts.length < 1 || parts.length > PARTS_MAX) {
      throw new DagError(
        `a condition is over 1 to ${PARTS_MAX} assets; this one has ${parts.length}`,
      );
    }
    return { kind: { case: kind, value: { expressions: parts.map(assetExpression) } } };
  }
  return { kind: portKind(expression as AssetPort) };
}

/** The contract's form of inlets or outlets. */
export function assetPorts(
  option: string,
  ports: readonly AssetPort[],
): FieldsOf<typeof AssetPortSchema>[] {
  return ports.map((port) => {
    if (isPort(port)) return { kind: portKind(port) };
    throw new DagError(`${option} are assets; use asset(), assetRef() or assetAlias()`);
  });
}

/** The assets that an expression describes in full. */
export function assetsIn(expression: AssetExpression): readonly Asset[] {
  if (isList(expression)) return expression.flatMap(assetsIn);
  if (expression.kind === 'all' || expression.kind === 'any') {
    return expression.parts.flatMap(assetsIn);
  }
  return expression.kind === 'asset' ? [expression] : [];
}

/** Notes an asset of a DAG. Throws a DagError when another one has its name. */
export function noteAsset(known: Map<string, AssetSpec>, { name, uri, spec }: Asset): void {
  const twin = known.get(name);
  if (twin !== undefined && twin.uri !== uri) {
    throw new DagError(
      `there are two assets "${name}", at ${twin.uri} and at ${uri}; a name stands for one`,
    );
  }
  known.set(name, spec);
}

function portKind(port: AssetPort) {
  if (port.kind === 'asset_alias') return { case: 'alias' as const, value: port.name };
  return { case: 'asset' as const, value: { name: port.name, uri: port.uri } };
}

function isPort(value: unknown): value is AssetPort {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return value.kind === 'asset' || value.kind === 'asset_ref' || value.kind === 'asset_alias';
}

function isList(expression: AssetExpression): expression is readonly AssetExpression[] {
  return Array.isArray(expression);
}

function requireText(what: string, text: string): void {
  if (typeof text !== 'string') throw new DagError(`${what} of an asset is a text`);
  if (text.length >= 1 && text.length <= NAME_LENGTH_MAX) return;
  throw new DagError(
    `${what} of an asset has 1 to ${NAME_LENGTH_MAX} characters; this one has ${text.length}`,
  );
}
