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
import { awaitedPartitions, fullBlockers, inactiveBlockers, pauseBlockers } from './run.ts';
import { coveredUntil, planNext, upcomingRun } from '../schedule/cursor.ts';
import { allowsRunType, type DagVersion } from '../graph/dag-version.ts';
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
    ...inactiveBlockers(dag).map(ofItself),
    ...pauseBlockers(dag).map(ofItself),
    ...scheduleBlockers(dag),
    ...limitBlockers(dag, nowMs),
    ...timeBlockers(dag, nowMs),
    ...assetBlockers(dag),
    ...awaitedPartitions(dag, nowMs),
  ];
  return {
    summary: summarise(dag, blockers),
    blockers,
    nextRuns: nextRuns(dag, nowMs, count),
    schedule: timetable === undefined ? 'only when triggered' : describeTimetable(timetable),
    timezone: timetable === undefined ? 'UTC' : timezoneOf(timetable),
  };
}

/** What is said of a DAG by name, said where it is the subject already. */
function ofItself(blocker: Blocker): Blocker {
  const name = `DAG "${blocker.subject}"`;
  const message = blocker.message.replace(` of ${name}`, '').replace(name, 'it');
  return { ...blocker, message };
}

/** Whether its schedule asks for runs at all, and may have them. */
function scheduleBlockers({ dagId, version }: Dag): readonly Blocker[] {
  const { timetable } = version;
  if (timetable === undefined) {
    return [
      {
        kind: 'no_schedule',
        subject: dagId,
        message: 'it has no schedule and runs only when it is triggered',
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
  if (full.length > 0) return full.map(ofItself);
  const { dagId, scheduledCount, version } = dag;
  const { activeRunsMax } = version;
  const { next } = dag.cursor;
  const isDue = next !== undefined && next.runAfterMs <= nowMs;
  if (!isDue || scheduledCount < activeRunsMax) return [];
  const live = `${scheduledCount} of at most ${spellCount(activeRunsMax, 'scheduled run')}`;
  const message = `${live} are not over`;
  const ending = `end one of those: dagmesh runs list ${dagId} --type scheduled --state queued,running`;
  const remedy = `raise max_active_runs of the DAG, or ${ending}`;
  return [{ kind: 'active_runs_max', subject: dagId, message, remedy }];
}

/** What its dates and the clock have to do with it. */
function timeBlockers(dag: Dag, nowMs: number): readonly Blocker[] {
  const { dagId, version } = dag;
  const { timetable, startMs } = version;
  if (timetable === undefined || !canBeScheduled(timetable)) return [];
  if (!allowsRunType(version, RunType.SCHEDULED)) return [];
  const next = upcomingRun(dag, nowMs);
  if (next === undefined) {
    const isRunning = timetable.kind === 'continuous' && dag.scheduledCount > 0;
    return isRunning ? [] : [exhaustedBlocker(dag, nowMs)];
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
  const missed = firstMissed(dag, next, nowMs);
  if (missed !== undefined) {
    blockers.push({
      kind: 'catchup',
      subject: dagId,
      message: `runs since ${spellInstant(missed.runAfterMs)} are not made up for: catchup is off`,
      remedy:
        `set catchup=True, or backfill them: dagmesh backfill create ${dagId} ` +
        `--from-date ${spellInstant(missed.logicalDateMs ?? missed.runAfterMs)} --to-date <instant>`,
    });
  }
  return blockers;
}

/** No further run: because of its dates, or because the schedule itself is over. */
function exhaustedBlocker(dag: Dag, nowMs: number): Blocker {
  const { dagId, version } = dag;
  const { startMs, endMs, catchup } = version;
  if (endMs !== undefined && planWith(dag, { endMs: undefined }, nowMs) !== undefined) {
    const message = `no run has a date before its end_date ${spellInstant(endMs)} any more`;
    return { kind: 'end_date', subject: dagId, message, remedy: 'set a later end_date' };
  }
  const isNowhere = catchup && startMs === undefined;
  if (isNowhere && planWith(dag, { catchup: false }, nowMs) !== undefined) {
    const message = 'with catchup its first run is that of its start_date, and it has none';
    const remedy = 'set a start_date, or catchup=False';
    return { kind: 'start_date', subject: dagId, message, remedy };
  }
  const message = 'its schedule asks for no further run';
  return { kind: 'no_schedule', subject: dagId, message, remedy: 'trigger it, or change it' };
}

/** The run it would have next if its version were another in this. */
function planWith(dag: Dag, otherwise: Partial<DagVersion>, nowMs: number): NextRun | undefined {
  const other = { ...dag, version: { ...dag.version, ...otherwise } };
  return planNext(other, dag.cursor.lastIntervalEndMs, nowMs);
}

/** The first run that catchup would make and that is passed over without it. */
function firstMissed(dag: Dag, next: NextRun, nowMs: number): NextRun | undefined {
  if (dag.version.catchup) return undefined;
  const first = planWith(dag, { catchup: true }, nowMs);
  return first !== undefined && first.runAfterMs < next.runAfterMs ? first : undefined;
}

/** The run that stands next, and those that follow when each is made as soon as it is due. */
function nextRuns(dag: Dag, nowMs: number, count: number): readonly NextRun[] {
  const next = upcomingRun(dag, nowMs);
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
