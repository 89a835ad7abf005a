// Where values that tasks pushed are, and what was found there.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { XComAddressSchema, XComRecord } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';

/** The key of what a task returned. */
export const RETURN_VALUE = 'return_value';

/** What one task instance pushed, or one element of it. */
export type ValuePlace = {
  readonly kind: 'value';
  readonly dagRunId: string;
  readonly taskId: string;
  readonly key: string;
  /** −1 for unmapped instances. */
  readonly mapIndex: number;
  /** An element of the list, or a pair of the object; absent means the whole value. */
  readonly element?: number | undefined;
};

/** What the instances of a mapped task pushed. */
export type SeriesPlace = {
  readonly kind: 'series';
  readonly dagRunId: string;
  readonly taskId: string;
  readonly key: string;
  /** First map index. */
  readonly from: number;
  /** The map index before which it ends; 0 means that it goes as far as there is. */
  readonly to: number;
};

/** Where something is that can be read. */
export type XComPlace = ValuePlace | SeriesPlace;

/** One text per place, for lookups. */
export function placeKey(place: XComPlace): string {
  const { dagRunId, taskId, key } = place;
  const which =
    place.kind === 'value' ? [place.mapIndex, place.element ?? -1] : ['', place.from, place.to];
  return JSON.stringify([dagRunId, taskId, key, ...which]);
}

/** Each place once. */
export function distinctPlaces(places: readonly XComPlace[]): XComPlace[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}

/** The place in the words of the ledger. */
export function addressOf(place: XComPlace): MessageInitShape<typeof XComAddressSchema> {
  const { dagRunId, taskId, key } = place;
  if (place.kind === 'series') {
    const { from, to } = place;
    return { dagRunId, taskId, key, isSeries: true, mapIndexFrom: from, mapIndexTo: to };
  }
  const { mapIndex, element } = place;
  return { dagRunId, taskId, key, mapIndex, ...(element === undefined ? {} : { element }) };
}

/** Map indexes that are first split off a series without an end. */
const SPLIT_OFF = 128;

/** A series in two parts; undefined when it is a single instance. */
export function splitSeries(series: SeriesPlace): [SeriesPlace, SeriesPlace] | undefined {
  const { from, to } = series;
  const middle = to === 0 ? from + SPLIT_OFF : Math.floor((from + to) / 2);
  if (middle === from) return undefined;
  return [
    { ...series, to: middle },
    { ...series, from: middle },
  ];
}

/** Values by place. */
export type XComValues = {
  /** Adds what the ledger answered. */
  put(record: XComRecord): void;
  /** Notes that a place holds more than one answer of the ledger can carry. */
  putTooLarge(place: XComPlace): void;
  isTooLarge(place: XComPlace): boolean;
  /** JSON; undefined when nothing was pushed there. */
  value(place: ValuePlace): string | undefined;
  /** JSON of each instance that pushed something, by map index. */
  series(place: SeriesPlace): string[];
  /** Characters of all values. */
  readonly length: number;
};

/** No values yet. */
export function createXComValues(): XComValues {
  const values = new Map<string, string>();
  const instances = new Map<string, Map<number, string>>();
  const tooLarge = new Set<string>();
  let length = 0;
  return {
    put: ({ address, valueJson }) => {
      if (address === undefined) return;
      const { dagRunId, taskId, key, mapIndex, element } = address;
      const place = { kind: 'value' as const, dagRunId, taskId, key, mapIndex, element };
      values.set(placeKey(place), valueJson);
      length += valueJson.length;
      if (element !== undefined) return;
      const task = taskKey(address);
      const byIndex = instances.get(task) ?? new Map<number, string>();
      instances.set(task, byIndex.set(mapIndex, valueJson));
    },
    putTooLarge: (place) => void tooLarge.add(placeKey(place)),
    isTooLarge: (place) => tooLarge.has(placeKey(place)),
    value: (place) => values.get(placeKey(place)),
    series: (place) => {
      const { from, to } = place;
      return [...(instances.get(taskKey(place)) ?? [])]
        .filter(([index]) => index >= from && (to === 0 || index < to))
        .sort(([a], [b]) => a - b)
        .map(([, valueJson]) => valueJson);
    },
    get length() {
      return length;
    },
  };
}

function taskKey(place: Pick<XComPlace, 'dagRunId' | 'taskId' | 'key'>): string {
  return JSON.stringify([place.dagRunId, place.taskId, place.key]);
}
