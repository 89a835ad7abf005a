// Waits until runs or tasks of another DAG have come to the ends that are asked for.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { DagRun, TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { messageOf, reasonOf } from '#kernel/errors/errors.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { type ExternalStates, externalStates, judgeStates } from '../core/external-states.ts';
import { unlessKnown } from '../core/known-event.ts';
import type { Ask, Polls } from '../polls/polls.ts';
import type { SpecOf, Trigger } from './trigger.ts';

/** What one trigger asks for. */
export type ExternalTaskSpec = SpecOf<'externalTask'>;

/** Time between two questions when the trigger does not say, in milliseconds. */
const INTERVAL_MS = 2_000;

/** Deadline of one question. */
const ASK_TIMEOUT_MS = 10_000;

/** Most tasks of one question, as the contract has it. */
const TASKS_MAX = 10_000;

/** All questions go to metadata. */
const LANE = 'metadata';

/** Triggers that wait for the same runs ask together, whichever tasks of these they mean. */
export function externalTaskTrigger(
  polls: Polls<ExternalTaskSpec, ExternalStates>,
): Trigger<'externalTask'> {
  return (spec, { end, ...wait }) => {
    if (spec.runId === '' && spec.logicalDates.length === 0) {
      throw new Error('the trigger names no run; give it run_id or logical_dates');
    }
    return polls.join({
      key: keyOf(spec),
      lane: LANE,
      question: spec,
      intervalMs: fromDuration(spec.pollInterval) ?? INTERVAL_MS,
      judge: unlessKnown(wait, (states) => judgeStates(spec, states)),
      end,
    });
  };
}

/**
 * Asks the ledger for the tasks of all members at once; in parts where that is more than one answer
 * takes. A task that alone is too much is a refusal for whoever waits for it.
 */
export function askStates(
  ledger: Pick<Client<typeof LedgerService>, 'listStates'>,
): Ask<ExternalTaskSpec, ExternalStates> {
  return async (specs, signal) => {
    const [{ dagId, runId, logicalDates, taskGroupId }] = specs;
    const which = { dagId, taskGroupId, ...(runId === '' ? { logicalDates } : { runId }) };
    const call = { signal, timeoutMs: ASK_TIMEOUT_MS };
    const taskIds = [...new Set(specs.flatMap((spec) => spec.taskIds))];
    const refusals = new Map<string, string>();
    const taskInstances: TaskInstance[] = [];
    let runs: readonly DagRun[] = [];
    const parts = chunked(taskIds, TASKS_MAX);
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      try {
        const answer = await ledger.listStates({ ...which, taskIds: part }, call);
        ({ runs } = answer);
        taskInstances.push(...answer.taskInstances);
      } catch (error) {
        const [first] = part;
        const isTooMuch = reasonOf(error) === 'limit_reached' && taskGroupId === '';
        if (!isTooMuch || first === undefined) throw error;
        if (part.length === 1) refusals.set(first, messageOf(error));
        else parts.unshift(...chunked(part, Math.ceil(part.length / 2)));
      }
    }
    return externalStates(runs, taskInstances, refusals);
  };
}

/** Parts of a list; a single empty one of an empty list. */
function chunked<T>(list: readonly T[], size: number): T[][] {
  const parts = [list.slice(0, size)];
  for (let from = size; from < list.length; from += size) {
    parts.push(list.slice(from, from + size));
  }
  return parts;
}

/** A group cannot be told from other tasks in an answer, so whoever means one asks alone. */
function keyOf({ dagId, runId, logicalDates, taskIds, taskGroupId }: ExternalTaskSpec): string {
  const dates = runId === '' ? logicalDates.map(fromTimestamp).sort() : [];
  const group = taskGroupId === '' ? [] : [taskGroupId, ...taskIds];
  return JSON.stringify([dagId, runId, dates, group]);
}
