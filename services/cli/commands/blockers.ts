// What holds something back, as tables show it.
import type { Blocker } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Column } from '../core/table.ts';
import { relative } from '../core/when.ts';

/** Columns of a list of reasons. */
export function blockerColumns(nowMs: number): readonly Column<Blocker>[] {
  return [
    { title: 'held back by', cell: (blocker) => blocker.kind },
    { title: 'subject', cell: (blocker) => blocker.subject },
    { title: 'ends', cell: (blocker) => relative(fromTimestamp(blocker.until), nowMs) },
    { title: 'why', cell: (blocker) => blocker.message },
    { title: 'what helps', cell: (blocker) => blocker.remedy, wide: true },
  ];
}

/** What somebody could do, a sentence each; nothing when only waiting helps. */
export function remedies(blockers: readonly Blocker[]): readonly string[] {
  return [...new Set(blockers.map((blocker) => blocker.remedy).filter((remedy) => remedy !== ''))];
}
