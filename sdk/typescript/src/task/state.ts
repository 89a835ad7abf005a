// Values that outlive an attempt: kept by a task instance over its tries, or by an asset.
import type { JsonValue } from '../json.ts';
import type { AssetName } from './assets.ts';

/** Values by key, JSON of at most 256 KiB each, stored at once. */
export type State = {
  /** A value; undefined when there is none. */
  get<T = JsonValue>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown): Promise<void>;
  /** Forgets a value; one that does not exist is no error. */
  delete(key: string): Promise<void>;
};

/** What this task instance keeps, and what assets keep. */
export type States = State & {
  /** What an asset keeps that is among the task's inlets or outlets. */
  of(asset: AssetName): State;
};
