// Values that a running task pulls: of its own run, of another, or of earlier ones.
import { fail } from '#kernel/errors/errors.ts';
import type { PullXComRequest, XComSlice } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Attempt } from '../../core/attempt/attempt.ts';
import type { Run } from '../../core/run/run.ts';
import { type Memory, RETURN_VALUE } from '../ledger/memory.ts';
import type { Simulation } from '../simulation.ts';

type Pulled = { readonly valueJson: string; readonly mappedCount: number };

/** What was pushed; `xcom_not_found` when nothing was, `run_not_found` without such a run. */
export function pullXCom(
  request: PullXComRequest,
  attempt: Attempt,
  { simulation, memory }: { readonly simulation: Simulation; readonly memory: Memory },
): Pulled {
  const own = attempt.instance.run;
  const dagId = request.dagId || own.dag.dagId;
  const runId = request.runId || own.runId;
  const runs = simulation.runs().filter((run) => run.dag.dagId === dagId);
  const run = dagId === own.dag.dagId && runId === own.runId ? own : byId(runs, runId);
  if (run === undefined && !request.includePriorDates) {
    throw fail('run_not_found', `DAG ${dagId} has no run ${runId}; name another one by run_id`);
  }
  const earlier = request.includePriorDates ? before(runs, run ?? own) : [];
  for (const each of run === undefined ? earlier : [run, ...earlier]) {
    const pulled = pulledFrom(each, request, { attempt, memory });
    if (pulled !== undefined) return pulled;
  }
  if (request.slice !== undefined) return listOf([]);
  if (request.mapIndexes.length > 0) return listOf(request.mapIndexes.map(() => 'null'));
  const taskId = request.taskId || attempt.instance.task.taskId;
  const key = request.key || RETURN_VALUE;
  throw fail('xcom_not_found', `task ${taskId} has pushed no "${key}" in this run`);
}

function byId(runs: readonly Run[], runId: string): Run | undefined {
  return runs.find((run) => run.runId === runId);
}

/** Runs of an earlier logical date, latest first. */
function before(runs: readonly Run[], { logicalDateMs }: Run): readonly Run[] {
  if (logicalDateMs === undefined) return [];
  const dated = runs.flatMap((run) => {
    const atMs = run.logicalDateMs;
    return atMs !== undefined && atMs < logicalDateMs ? [{ run, atMs }] : [];
  });
  return dated.toSorted((a, b) => b.atMs - a.atMs).map(({ run }) => run);
}

function pulledFrom(
  run: Run,
  request: PullXComRequest,
  { attempt, memory }: { readonly attempt: Attempt; readonly memory: Memory },
): Pulled | undefined {
  const isOwn = request.taskId === '';
  const taskId = isOwn ? attempt.instance.task.taskId : request.taskId;
  const node = run.nodes[run.version.taskIndexes.get(taskId) ?? -1];
  const pushed = new Map(
    (node?.instances ?? []).flatMap((instance) => {
      const json = memory.valuesOf(instance, attempt.attemptId).get(request.key || RETURN_VALUE);
      return json === undefined ? [] : [[instance.mapIndex, json] as const];
    }),
  );
  if (pushed.size === 0) return undefined;
  const { slice, mapIndexes, mapIndex = isOwn ? attempt.instance.mapIndex : undefined } = request;
  const all = [...pushed].filter(([index]) => index >= 0).map(([, json]) => json);
  if (slice !== undefined) return all.length === 0 ? undefined : cutOf(all, slice);
  if (mapIndexes.length > 0) return listOf(mapIndexes.map((index) => pushed.get(index) ?? 'null'));
  const single = pushed.get(mapIndex ?? -1);
  if (single !== undefined) return { valueJson: single, mappedCount: 0 };
  return mapIndex === undefined ? { ...listOf(all), mappedCount: all.length } : undefined;
}

function listOf(values: readonly string[]): Pulled {
  return { valueJson: `[${values.join(',')}]`, mappedCount: 0 };
}

/** As Python cuts: negative numbers count from the end. */
function cutOf(all: readonly string[], { start, stop, step = 1 }: XComSlice): Pulled {
  const [lowest, highest] = step > 0 ? [0, all.length] : [-1, all.length - 1];
  const placed = (index: number) =>
    Math.min(Math.max(index < 0 ? index + all.length : index, lowest), highest);
  const first = start === undefined ? (step > 0 ? lowest : highest) : placed(start);
  const end = stop === undefined ? (step > 0 ? highest : lowest) : placed(stop);
  const part: string[] = [];
  for (let at = first; step > 0 ? at < end : at > end; at += step) part.push(all[at] ?? 'null');
  return { ...listOf(part), mappedCount: all.length };
}
