// What a task means when it pulls values, and what it is answered.
import type { PullXComRequest } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { AttemptPlace } from './roster.ts';
import { type Slice, sliceOf } from './slice.ts';
import { RETURN_VALUE, type ValuePlace, type XComPlace, type XComValues } from './xcom-values.ts';

/** Which instances of a task are meant. */
export type PulledInstances =
  | { readonly kind: 'one'; readonly mapIndex: number }
  /** In this order, with null for those that pushed nothing. */
  | { readonly kind: 'several'; readonly mapIndexes: readonly number[] }
  /** The unmapped instance or, of a mapped task, all. */
  | { readonly kind: 'whole' }
  /** Part of the list of all that pushed something. */
  | { readonly kind: 'slice'; readonly slice: Slice };

/** What is pulled, in whichever run. */
export type Pull = {
  readonly taskId: string;
  readonly key: string;
  readonly instances: PulledInstances;
};

/** A pulled value, as it is answered. */
export type Pulled = { readonly valueJson: string; readonly mappedCount: number };

/**
 * The pull of a task at `place`. Without a task it means its own values, and then, unless it says
 * otherwise, those of its own instance.
 */
export function pullOf(request: PullXComRequest, place: AttemptPlace): Pull {
  const { taskId, key } = request;
  const own = taskId === '';
  return {
    taskId: own ? place.taskId : taskId,
    key: key || RETURN_VALUE,
    instances: instancesOf(request, own ? place.mapIndex : undefined),
  };
}

function instancesOf(request: PullXComRequest, ownIndex: number | undefined): PulledInstances {
  const { mapIndex = ownIndex, mapIndexes, slice } = request;
  if (slice !== undefined) return { kind: 'slice', slice };
  if (mapIndexes.length > 0) return { kind: 'several', mapIndexes };
  return mapIndex === undefined ? { kind: 'whole' } : { kind: 'one', mapIndex };
}

/** What is wrong with a pull, in a sentence: it says more than one thing about the instances. */
export function brokenPull({ mapIndex, mapIndexes, slice }: PullXComRequest): string | undefined {
  const said = [mapIndex !== undefined, mapIndexes.length > 0, slice !== undefined];
  if (said.filter(Boolean).length <= 1) return undefined;
  return 'map_index, map_indexes and slice exclude each other; set one of them';
}

/** The places to read for a pull in one run. */
export function placesOfPull(dagRunId: string, pull: Pull): XComPlace[] {
  const { instances } = pull;
  const series = { kind: 'series' as const, ...whose(dagRunId, pull), from: 0, to: 0 };
  switch (instances.kind) {
    case 'one':
      return [valuePlace(dagRunId, pull, instances.mapIndex)];
    case 'several':
      return instances.mapIndexes.map((mapIndex) => valuePlace(dagRunId, pull, mapIndex));
    case 'whole':
      return [valuePlace(dagRunId, pull, -1), series];
    case 'slice':
      return [series];
  }
}

/** What a run has for a pull; undefined when nothing was pushed there. */
export function pulledFrom(values: XComValues, dagRunId: string, pull: Pull): Pulled | undefined {
  const { instances } = pull;
  const valueAt = (mapIndex: number) => values.value(valuePlace(dagRunId, pull, mapIndex));
  const all = () => values.series({ kind: 'series', ...whose(dagRunId, pull), from: 0, to: 0 });
  switch (instances.kind) {
    case 'one':
      return single(valueAt(instances.mapIndex));
    case 'several': {
      const found = instances.mapIndexes.map(valueAt);
      if (found.every((each) => each === undefined)) return undefined;
      return { valueJson: listOf(found.map((each) => each ?? 'null')), mappedCount: 0 };
    }
    case 'whole': {
      const list = all();
      const mapped = { valueJson: listOf(list), mappedCount: list.length };
      return single(valueAt(-1)) ?? (list.length === 0 ? undefined : mapped);
    }
    case 'slice': {
      const list = all();
      if (list.length === 0) return undefined;
      return { valueJson: listOf(sliceOf(list, instances.slice)), mappedCount: list.length };
    }
  }
}

/** What a pull is answered when no run has anything; undefined when that is an error. */
export function nothingPulled({ instances }: Pull): Pulled | undefined {
  switch (instances.kind) {
    case 'several':
      return { valueJson: listOf(instances.mapIndexes.map(() => 'null')), mappedCount: 0 };
    case 'slice':
      return { valueJson: '[]', mappedCount: 0 };
    default:
      return undefined;
  }
}

function single(valueJson: string | undefined): Pulled | undefined {
  return valueJson === undefined ? undefined : { valueJson, mappedCount: 0 };
}

function listOf(values: readonly string[]): string {
  return `[${values.join(',')}]`;
}

function whose(dagRunId: string, { taskId, key }: Pull) {
  return { dagRunId, taskId, key };
}

function valuePlace(dagRunId: string, pull: Pull, mapIndex: number): ValuePlace {
  return { kind: 'value', ...whose(dagRunId, pull), mapIndex };
}
