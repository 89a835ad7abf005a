// What a measurement is: a name, the figures it yields, and how to take them on a running system.
import type { MeshMode } from '../kit/mesh.ts';

/** One figure with the bounds it is held against. */
export type Figure = {
  /** Name in the JSON output. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** The least acceptable value. */
  readonly least: number;
  /** Which side of `least` is good. */
  readonly better: 'lower' | 'higher';
};

export type Measure = {
  /** Name for `--only`. */
  readonly name: string;
  readonly figures: readonly Figure[];
  /** Starts what it needs, measures, stops it; answers one value per figure key. */
  run(mode: MeshMode): Promise<Readonly<Record<string, number>>>;
};
