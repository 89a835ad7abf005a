// Assets as a running task sees them: what updated them earlier, and what it updates itself.
import type { Asset, AssetAlias, AssetRef } from '../author/asset.ts';
import type { JsonObject } from '../json.ts';

/** One update of an asset. */
export type AssetEvent = {
  /** Unique, rises with time. */
  readonly id: string;
  readonly assetName: string;
  readonly assetUri: string;
  /** From whoever updated it. */
  readonly extra: JsonObject;
  readonly timestamp: Date | undefined;
  /** The task instance that updated it; undefined when it came from outside. */
  readonly source:
    | {
        readonly dagId: string;
        readonly runId: string;
        readonly taskId: string;
        readonly mapIndex: number;
      }
    | undefined;
  /** The part that was updated; undefined means all of it. */
  readonly partitionKey: string | undefined;
  /** Aliases through which it was updated. */
  readonly aliases: readonly string[];
  /** Who or what updated it from outside. */
  readonly actor: string;
};

/** An asset by its name, or as it was declared. */
export type AssetName = string | Asset | AssetRef;

/** What a task updates. */
export type OutletEvents = {
  /**
   * Notes an update, told with the task's success. An outlet counts as updated anyway; this says
   * more about it. With `alias` the asset is one that the alias stands for.
   */
  add(
    asset: AssetName,
    extra?: JsonObject,
    through?: { readonly alias?: string | AssetAlias; readonly partitionKey?: string },
  ): void;
};

/** Which updates are asked for. */
export type AssetEventQuery = {
  /** Only later ones, exclusive. */
  readonly after?: Date;
  /** Only earlier ones, exclusive. */
  readonly before?: Date;
  /** True: latest first; false by default. */
  readonly isDescending?: boolean;
  /** 100 by default, at most 1,000. */
  readonly limit?: number;
};

/** Reads updates of an asset, or of all assets that came through an alias. */
export type AssetEvents = (
  of: AssetName | AssetAlias,
  query?: AssetEventQuery,
) => Promise<readonly AssetEvent[]>;
