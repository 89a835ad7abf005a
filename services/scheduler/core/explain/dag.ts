// Why does the DAG not run? What keeps it from having (further) runs, and which runs come next.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  canBeScheduled,
  describeTimetable,
  previewRuns,
  timezoneOf,
} from '#kernel/timetable/timetable.ts';
import { assetBlockers } from './assets.ts';
import { conditionOf } from '../asset/condition.ts';
import { type Blocker, spellCount, spellInstant } from './blocker.ts';
import { fullBlockers, inactiveBlockers, pauseBlockers } from './run.ts';
import { coveredUntil, planNext } from '../schedule/cursor.ts';
import { allowsRunType } from '../graph/dag-version.ts';
import type { Dag, NextRun } from '../dag.ts';
import { nameOfRunType } from '../state.ts';

export type DagExplanation = {
  readonly summary: string;
  /** Most decisive first. */
  readonly blockers: readonly Blocker[];
  /** Earliest first. */
  readonly nextRuns: readonly NextRun[];
  /** In words. */
  readonly schedule: string;
  /** IANA name, or an offset. */
  readonly timezone: string;
};

/** Explains a DAG, with at most `count` of its next runs. Looks only: nothing changes. */
export function explainDag(dag: Dag, nowMs: number, count: number): DagExplanation {
  const { timetable } = dag.version;
  const blockers = [
    ...inactiveBlockers(dag),
    ...pauseBlockers(dag),
    ...scheduleBlockers(dag),
    ...limitBlockers(dag, nowMs),
    ...timeBlockers(dag, nowMs),
    ...assetBlockers(dag),
  ];
  return {
    summary: summarise(dag, blockers),
    blockers,
    nextRuns: nextRuns(dag, nowMs, count),
    schedule: timetable === undefined ? 'only when triggered' : describeTimetable(timetable),
    timezone: timetable === undefined ? 'UTC' : timezoneOf(timetable),
  };
}

/** Whether its schedule asks for runs at all, and may have them. */
function scheduleBlockers({ dagId, version }: Dag): readonly Blocker[] {
  const { timetable } = version;
  if (timetable === undefined) {
    return [
      {
        kind: 'no_schedule',
        subject: dagId,
        message: `DAG "${dagId}" has no schedule: it runs only when it is triggered`,
        remedy: `give it a schedule, or trigger it: dagmesh dags trigger ${dagId}`,
      },
    ];
  }
  const wanted = [
    ...(canBeScheduled(timetable) ? [RunType.SCHEDULED] : []),
    ...(conditionOf(version) === undefined ? [] : [RunType.ASSET_TRIGGERED]),
  ];
  return wanted
    .filter((runType) => !allowsRunType(version, runType))
    .map((runType) => {
      const name = nameOfRunType(runType);
      const message = `its schedule asks for ${name} runs, which the DAG does not allow`;
      const remedy = `add "${name}" to allowed_run_types`;
      return { kind: 'run_type_not_allowed', subject: name, message, remedy };
    });
}

function limitBlockers(dag: Dag, nowMs: number): readonly Blocker[] {
  const full = fullBlockers(dag);
  if (full.length > 0) return full;
  const { dagId, scheduledCount, version } = dag;
  const { activeRunsMax } = version;
  const { next } = dag.cursor;
  const isDue = next !== undefined && next.runAfterMs <= nowMs;
  if (!isDue || scheduledCount < activeRunsMax) return [];
  const live = `${scheduledCount} of at most ${spellCount(activeRunsMax, 'scheduled run')}`;
  const message = `${live} of DAG "${dagId}" are not over`;
  const remedy = 'raise max_active_runs of the DAG, or end a run of it';
  return [{ kind: 'active_runs_max', subject: dagId, message, remedy }];
}

/** What its dates and the clock have to do with it. */
function timeBlockers(dag: Dag, nowMs: number): readonly Blocker[] {
  const { dagId, cursor, version } = dag;
  const { timetable, startMs, endMs } = version;
  if (timetable === undefined || !canBeScheduled(timetable)) return [];
  if (!allowsRunType(version, RunType.SCHEDULED)) return [];
  const { next } = cursor;
  if (next === undefined) {
    const isRunning = timetable.kind === 'continuous' && dag.scheduledCount > 0;
    return isRunning ? [] : [exhaustedBlocker(dag)];
  }
  const blockers: Blocker[] = [];
  if (startMs !== undefined && startMs > nowMs) {
    blockers.push({
      kind: 'start_date',
      subject: dagId,
      message: `its start_date ${spellInstant(startMs)} is still to come`,
      untilMs: startMs,
      remedy: 'set an earlier start_date',
    });
  }
  if (next.runAfterMs > nowMs) {
    const message = `the next run is due at ${spellInstant(next.runAfterMs)}`;
    blockers.push({ kind: 'run_after', subject: dagId, message, untilMs: next.runAfterMs });
  }
  const missed = firstMissed(dag, nowMs);
  if (missed !== undefined) {
    blockers.push({
      kind: 'catchup',
      subject: dagId,
      message: `runs since ${spellInstant(missed.runAfterMs)} are not made up for: catchup is off`,
      remedy: `set catchup=True, or backfill them: dagmesh backfill create ${dagId}`,
    });
  }
  return endMs === undefined || endMs > nowMs ? blockers : [exhaustedBlocker(dag), ...blockers];
}

/** No further run: because of its end date, or because the schedule itself is over. */
function exhaustedBlocker({ dagId, version }: Dag): Blocker {
  const { endMs } = version;
  if (endMs !== undefined) {
    const message = `no run has a date before its end_date ${spellInstant(endMs)} any more`;
    return { kind: 'end_date', subject: dagId, message, remedy: 'set a later end_date' };
  }
  const message = 'its schedule asks for no further run';
  return { kind: 'no_schedule', subject: dagId, message, remedy: 'trigger it, or change it' };
}

/** The first run that catchup would make and that is passed over without it. */
function firstMissed(dag: Dag, nowMs: number): NextRun | undefined {
  const { next, lastIntervalEndMs } = dag.cursor;
  const { catchup } = dag.version;
  if (catchup || next === undefined || next.logicalDateMs === undefined) return undefined;
  const withCatchup = { ...dag, version: { ...dag.version, catchup: true } };
  const first = planNext(withCatchup, lastIntervalEndMs, nowMs);
  return first !== undefined && first.runAfterMs < next.runAfterMs ? first : undefined;
}

/** The run that stands next, and those that follow when each is made as soon as it is due. */
function nextRuns(dag: Dag, nowMs: number, count: number): readonly NextRun[] {
  const { next } = dag.cursor;
  const { timetable, startMs, endMs, catchup } = dag.version;
  if (next === undefined || timetable === undefined || count === 0) return [];
  if (timetable.kind === 'continuous') return [next];
  const lastMs = coveredUntil(dag, next);
  const following = previewRuns(timetable, {
    ...{ lastIntervalEndMs: lastMs, lastRunAfterMs: lastMs, startMs, endMs, catchup },
    nowMs: Math.max(nowMs, next.runAfterMs),
    count: count - 1,
  });
  return [next, ...following];
}

function summarise({ dagId }: Dag, blockers: readonly Blocker[]): string {
  const [first] = blockers;
  if (first === undefined) return `nothing holds DAG "${dagId}" back`;
  const more = blockers.length > 1 ? ` (and ${blockers.length - 1} more)` : '';
  return `DAG "${dagId}" has no new run: ${first.message}${more}`;
}
