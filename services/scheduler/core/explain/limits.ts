// What keeps a SCHEDULED instance from being queued: every exhausted limit, and its pool.
import { type Blocker, spellCount, spellInstant, spellSpan } from './blocker.ts';
import type { Instance } from '../instance.ts';
import { rateEndMs } from '../limit/key-limits.ts';
import { hasRoom, keyOf, type Limit, type LimitKind } from '../limit/limit.ts';
import type { Dag, Pool } from '../picture.ts';
import { freeSlots, isOversized, takenSlots } from '../limit/pool.ts';

/** Every limit that is exhausted and the pool if it has no room, most decisive first. */
export function admissionBlockers({ lane, run, task }: Instance): readonly Blocker[] {
  const { limits, pool } = lane;
  const exhausted = limits.filter((limit) => !hasRoom(limit));
  const blockers = exhausted.flatMap((limit) => limitBlockers(run.dag, limit));
  const ofPool = poolBlocker(pool, task.poolSlots);
  if (ofPool !== undefined) return [...blockers, ofPool];
  return exhausted.length > 0 ? blockers : [turnBlocker(pool)];
}

function limitBlockers(dag: Dag, limit: Limit): readonly Blocker[] {
  const { active, kind, max, subject } = limit;
  switch (kind) {
    // A paused DAG is among what holds the run back.
    case 'dag_paused':
      return [];
    case 'key_paused':
      return [pausedKeyBlocker(dag, subject)];
    case 'key_rate':
      return [rateBlocker(dag, subject)];
    default: {
      const { counted, field } = WORDS[kind];
      const message = `${active} of at most ${max} ${counted(subject)} are queued or running`;
      return [{ kind, subject, message, remedy: `raise ${field}` }];
    }
  }
}

type Words = {
  /** What is counted. */
  readonly counted: (subject: string) => string;
  /** What authors write to change it. */
  readonly field: string;
};

const WORDS: Readonly<Record<Exclude<LimitKind, 'dag_paused' | 'key_paused' | 'key_rate'>, Words>> =
  {
    active_tasks_max: {
      counted: () => 'task instances of this run',
      field: 'max_active_tasks of the DAG',
    },
    active_tis_per_dag_max: {
      counted: (task) => `instances of task "${task}" over all runs`,
      field: 'max_active_tis_per_dag of the task',
    },
    active_tis_per_dagrun_max: {
      counted: (task) => `instances of task "${task}" in this run`,
      field: 'max_active_tis_per_dagrun of the task',
    },
    key_limit: {
      counted: (key) => `instances with limit key "${key}"`,
      field: 'max_active of the key in key_limits of the DAG',
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
  const message = `pool "${name}" has ${takenSlots(pool)} of ${slots} slots taken and ${needed}`;
  return { ...blocker, message, remedy };
}

/** Nothing is exhausted: what is free is for others first, or nobody knows yet what is free. */
function turnBlocker(pool: Pool): Blocker {
  const isUnknown = pool.slots === undefined;
  const message = isUnknown
    ? `the slots of pool "${pool.name}" are being asked for`
    : `in pool "${pool.name}" others go first: of higher rank, or of DAGs whose turn it is`;
  return { kind: 'pool', subject: pool.name, message };
}
