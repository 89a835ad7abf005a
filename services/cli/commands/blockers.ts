// What holds something back, as tables show it.
import type { Blocker } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Column } from '../core/table.ts';
import { relative } from '../core/when.ts';
import type { Screen } from '../screen.ts';

/** Columns of a list of reasons; that the DAG itself is the subject goes without saying. */
export function blockerColumns(nowMs: number, dagId?: string): readonly Column<Blocker>[] {
  return [
    { title: 'held back by', cell: (blocker) => blocker.kind },
    { title: 'subject', cell: ({ subject }) => (subject === dagId ? '' : subject) },
    { title: 'ends', cell: (blocker) => relative(fromTimestamp(blocker.until), nowMs) },
    { title: 'why', cell: (blocker) => blocker.message },
    { title: 'what helps', cell: (blocker) => blocker.remedy, wide: true },
  ];
}

/** What somebody could do, a sentence each, unless the table says so; none when only time helps. */
export function remedies(screen: Screen, blockers: readonly Blocker[]): readonly string[] {
  if (screen.format !== 'table') return [];
  return [...new Set(blockers.map((blocker) => blocker.remedy).filter((remedy) => remedy !== ''))];
}
