// Gathers what ended in a decision, and starts the callbacks of those who want to be told.
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { AttemptFailure } from '../attempt/attempt.ts';
import type { Deciding } from '../deciding.ts';
import type { Moment } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { callBack, contextOfInstance, contextOfRun, eventOfInstance } from './callbacks.ts';
import type { Instance } from '../instance.ts';
import { DagRunState } from '../state.ts';

/** Notes ends as they happen; rings when the decision is otherwise done. */
export type Bell = {
  readonly noteInstance: (instance: Instance, error?: AttemptFailure) => void;
  readonly noteRun: (run: Run) => void;
  readonly ring: (deciding: Deciding, moment: Moment) => void;
};

type Call = Parameters<typeof callBack>[2];

/** A bell that has nothing to ring for. */
export function createBell(): Bell {
  const calls: Call[] = [];
  return {
    noteInstance: (instance, error) => {
      const { run, task } = instance;
      if (task.callbacks.length === 0) return;
      const event = eventOfInstance(instance);
      if (event === undefined) return;
      calls.push({
        run,
        specs: task.callbacks,
        event,
        context: contextOfInstance(instance, error),
      });
    },
    noteRun: (run) => {
      if (run.version.callbacks.length === 0 || run.runType === RunType.CALLBACK) return;
      const hasSucceeded = run.state === DagRunState.SUCCESS;
      const event = hasSucceeded ? CallbackEvent.SUCCESS : CallbackEvent.FAILURE;
      calls.push({ run, specs: run.version.callbacks, event, context: contextOfRun(run) });
    },
    ring: (deciding, moment) => {
      for (const instance of deciding.picture.begun) {
        deciding.picture.begun.delete(instance);
        const { run, task } = instance;
        // One without code may have ended by now.
        const context = { ...contextOfInstance(instance), state: 'running' };
        calls.push({ run, specs: task.callbacks, event: CallbackEvent.EXECUTE, context });
      }
      for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
        const { dag, isRefused } = call.run;
        if (dag.isOwned && !isRefused) callBack(deciding, moment, call);
      }
    },
  };
}
