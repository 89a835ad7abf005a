// What runs come to matters to the runs after them: tasks there that depend on the past are looked
// at again.
import { advance } from '../advance.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import { lookAt } from '../graph/relevant.ts';
import type { Run } from '../run/run.ts';
import type { Instance, Node } from '../instance.ts';
import { rememberPast, runsAfter } from './past.ts';
import { isRunFinished } from '../state.ts';

/** Keeps what a run that has ended came to for those after it, and has them look at that. */
export function leavePast(deciding: Deciding, run: Run): void {
  if (!mattersLater(run.dag)) return;
  rememberPast(run);
  for (const after of runsAfter(run)) {
    const asking = after.nodes.filter(({ openCount, task }) => openCount > 0 && task.dependsOnPast);
    movePast(deciding, after, asking);
  }
}

/** A run turned out not to exist: those that looked at it ask which one there is. */
export function loseFollowers(deciding: Deciding, run: Run): void {
  if (!mattersLater(run.dag)) return;
  for (const after of runsAfter(run)) {
    after.past = undefined;
    after.pastSeen = undefined;
    movePast(deciding, after, after.nodes);
  }
}

/** Who looks at this run from the next one is looked at again. */
export function notePast(deciding: Deciding, { run, task }: Instance): void {
  if (!mattersLater(run.dag)) return;
  const taskIds = [task.index, ...task.upstream].flatMap(
    (index) => run.version.tasks[index]?.taskId ?? [],
  );
  for (const after of runsAfter(run)) {
    const indexes = taskIds.flatMap((taskId) => after.version.taskIndexes.get(taskId) ?? []);
    movePast(
      deciding,
      after,
      indexes.flatMap((index) => after.nodes[index] ?? []),
    );
  }
}

function movePast({ pastMoved }: Deciding, after: Run, nodes: readonly Node[]): void {
  const moved = pastMoved.get(after) ?? new Set<Node>();
  for (const node of nodes) moved.add(node);
  pastMoved.set(after, moved);
}

/** True when a run of the DAG may have a task that looks at the run before. */
function mattersLater({ version, versions }: Dag): boolean {
  if (version.hasPast) return true;
  for (const each of versions.values()) if (each.hasPast) return true;
  return false;
}

/** Looks at all that has been noted, and at what follows from that in further runs. */
export function followPast(deciding: Deciding): void {
  const { pastMoved } = deciding;
  for (const [run, nodes] of pastMoved) {
    pastMoved.delete(run);
    if (run.dag.isOwned && !isRunFinished(run.state)) {
      advance(deciding, run, Array.from(nodes, lookAt));
      deciding.followEnded();
    }
  }
}
