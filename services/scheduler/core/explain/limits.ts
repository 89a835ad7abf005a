// What keeps a SCHEDULED instance from being queued: every exhausted limit, and its pool.
import { type Blocker, spellCount, spellInstant, spellSpan } from './blocker.ts';
import { type Instance, nameOf } from '../instance.ts';
import { firstInLine } from '../limit/fair-line.ts';
import { rateEndMs } from '../limit/key-limits.ts';
import { hasRoom, keyOf, type Limit, type LimitKind } from '../limit/limit.ts';
import type { Dag } from '../dag.ts';
import type { Pool } from '../lines.ts';
import type { Run } from '../run/run.ts';
import { foremost, freeSlots, isOversized, takenSlots } from '../limit/pool.ts';

/** Every limit that is exhausted and the pool if it has no room, most decisive first. */
export function admissionBlockers({ lane, run, task }: Instance): readonly Blocker[] {
  const { limits, pool } = lane;
  const exhausted = limits.filter((limit) => !hasRoom(limit));
  const blockers = exhausted.flatMap((limit) => limitBlockers(run, limit));
  const ofPool = poolBlocker(pool, task.poolSlots);
  if (ofPool !== undefined) return [...blockers, ofPool];
  return exhausted.length > 0 ? blockers : turnBlockers(pool);
}

function limitBlockers(run: Run, limit: Limit): readonly Blocker[] {
  const { active, kind, max, subject } = limit;
  const { dag } = run;
  switch (kind) {
    // A paused DAG is among what holds the run back.
    case 'dag_paused':
      return [];
    case 'key_paused':
      return [pausedKeyBlocker(dag, subject)];
    case 'key_rate':
      return [rateBlocker(dag, subject)];
    default: {
      const { counted, field, show } = WORDS[kind];
      const message = `${active} of at most ${max} ${counted(subject)} are queued or running`;
      const remedy = `raise ${field}; what holds them: ${show(run, subject)}`;
      return [{ kind, subject, message, remedy }];
    }
  }
}

type Words = {
  /** What is counted. */
  readonly counted: (subject: string) => string;
  /** What authors write to change it. */
  readonly field: string;
  /** The command that shows them. */
  readonly show: (run: Run, subject: string) => string;
};

const showOfRun = ({ dag, runId }: Run) =>
  `dagmesh tasks list ${dag.dagId} ${runId} --state queued,running`;
/** Tasks are listed run by run, so this shows which runs to look at. */
const showOfDag = ({ dag }: Run) => `dagmesh runs list ${dag.dagId} --state running`;

const WORDS: Readonly<Record<Exclude<LimitKind, 'dag_paused' | 'key_paused' | 'key_rate'>, Words>> =
  {
    active_tasks_max: {
      counted: () => 'task instances of this run',
      field: 'max_active_tasks of the DAG',
      show: showOfRun,
    },
    active_tis_per_dag_max: {
      counted: (task) => `instances of task "${task}" over all runs`,
      field: 'max_active_tis_per_dag of the task',
      show: showOfDag,
    },
    active_tis_per_dagrun_max: {
      counted: (task) => `instances of task "${task}" in this run`,
      field: 'max_active_tis_per_dagrun of the task',
      show: (run, task) => `${showOfRun(run)} --task ${task}`,
    },
    key_limit: {
      counted: (key) => `instances with limit key "${key}"`,
      field: 'max_active of the key in key_limits of the DAG',
      show: showOfDag,
    },
  };

function pausedKeyBlocker(dag: Dag, key: string): Blocker {
  const { pausedUntilMs } = keyOf(dag, key);
  return {
    kind: 'key_paused',
    subject: key,
    message: `limit key "${key}" is paused until ${spellInstant(pausedUntilMs)}`,
    untilMs: pausedUntilMs,
    remedy: `end the pause: dagmesh keys unpause ${dag.dagId} ${key}`,
  };
}

function rateBlocker(dag: Dag, key: string): Blocker {
  const state = keyOf(dag, key);
  const { active, max, window } = state.rate;
  if (window.reading !== undefined) {
    const message = `which instances with limit key "${key}" have begun lately is being read`;
    return { kind: 'key_rate', subject: key, message };
  }
  const begun = `${active} of at most ${max} instances with limit key "${key}"`;
  return {
    kind: 'key_rate',
    subject: key,
    message: `${begun} have begun within ${spellSpan(window.periodMs)}, or are about to`,
    untilMs: rateEndMs(state),
    remedy: 'raise rate of the key in key_limits of the DAG',
  };
}

function poolBlocker(pool: Pool, neededSlots: number): Blocker | undefined {
  const { name, slots } = pool;
  const blocker = { kind: 'pool', subject: name };
  if (pool.isMissing) {
    const message = `there is no pool "${name}"`;
    const remedy = `make it, or name another in the DAG: dagmesh pools set ${name} <slots>`;
    return { ...blocker, message, remedy };
  }
  if (slots === undefined || slots < 0) return undefined;
  const needed = `the task needs ${neededSlots}`;
  const remedy = `give it more: dagmesh pools set ${name} <slots>`;
  if (isOversized(pool, neededSlots)) {
    const message = `pool "${name}" has ${spellCount(slots, 'slot')} in all and ${needed}`;
    return { ...blocker, message, remedy };
  }
  if (freeSlots(pool) >= neededSlots) return undefined;
  const taken = pool.includesDeferred ? 'taken, deferred tasks counted,' : 'taken';
  const message = `pool "${name}" has ${takenSlots(pool)} of ${slots} slots ${taken} and ${needed}`;
  // Not all of what runs is in the pool, but all that is in the pool is in these runs.
  const holders = 'the runs that may hold them: dagmesh runs list --state running';
  return { ...blocker, message, remedy: `${remedy}; ${holders}` };
}

/**
 * Nothing is exhausted: what is free is kept for one whose turn it is and that needs more. Of a
 * pool that is not known yet the ledger is telling at this moment.
 */
function turnBlockers(pool: Pool): readonly Blocker[] {
  const lane = firstInLine(pool.line);
  const first = lane === undefined ? undefined : foremost(lane);
  if (first === undefined || pool.slots === undefined) return [];
  const { run, task } = first;
  const who = `"${nameOf(first)}" of run "${run.runId}" of DAG "${run.dag.dagId}"`;
  const free = freeSlots(pool);
  const lacks = `it needs ${spellCount(task.poolSlots, 'slot')}, and ${free} ${free === 1 ? 'is' : 'are'} free`;
  const message = `in pool "${pool.name}" it is the turn of ${who}: ${lacks}`;
  const remedy = `give the pool more slots: dagmesh pools set ${pool.name} <slots>`;
  return [{ kind: 'pool', subject: pool.name, message, remedy }];
}
