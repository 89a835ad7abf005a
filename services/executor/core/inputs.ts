// A task's arguments: literals from the scheduler, and values that tasks before it pushed.
import type { UpstreamInput } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';

/**
 * Where a value that was pushed is found. Tasks read unmapped instances, so the map index is −1.
 */
export type XComPlace = {
  readonly dagRunId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly key: string;
};

/** The key of what a task returned. */
export const RETURN_VALUE = 'return_value';

/** Where the value of an upstream input is found. */
export function placeOf(dagRunId: string, input: UpstreamInput): XComPlace {
  return { dagRunId, taskId: input.taskId, mapIndex: -1, key: input.key || RETURN_VALUE };
}

/** One text per place, for lookups. */
export function placeKey(place: XComPlace): string {
  return JSON.stringify([place.dagRunId, place.taskId, place.mapIndex, place.key]);
}

/**
 * The JSON object of all arguments. Values are put together as text, so that numbers of any size
 * and key order survive; what no task has pushed is null.
 */
export function mergeInputs(
  literalsJson: string,
  values: readonly { readonly name: string; readonly valueJson: string | undefined }[],
): string {
  const literals = literalsJson.trim().slice(1, -1).trim();
  const members = values.map(
    ({ name, valueJson }) => `${JSON.stringify(name)}:${valueJson ?? 'null'}`,
  );
  return `{${[...(literals === '' ? [] : [literals]), ...members].join(',')}}`;
}
