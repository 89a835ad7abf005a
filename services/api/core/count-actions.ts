// What a backfill does, in numbers: how many of its dates get a new run, an old one, or nothing.
import { BackfillActionSchema, type BackfillDate } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';

/** Number of dates by action, in lower case: `{ create: 3, in_flight: 1 }`. */
export function countActions(dates: readonly Pick<BackfillDate, 'action'>[]): {
  [action: string]: number;
} {
  const counts: { [action: string]: number } = {};
  for (const { action } of dates) {
    const name = nameOf(action);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function nameOf(action: number): string {
  const { name = String(action) } =
    BackfillActionSchema.values.find((value) => value.number === action) ?? {};
  return name.toLowerCase().slice(BackfillActionSchema.sharedPrefix?.length ?? 0);
}
