// Alerts and retries: who is told, by when a run should be done, and what is worth another try.
import { dag, failOn, param, retryOn, type TaskContext } from '@dagmesh/sdk';

/** A callback runs as a task of its own; its inputs say what happened. */
function tell({ inputs }: TaskContext): void {
  console.log(`${String(inputs.dag_id)} needs a look: ${String(inputs.event)}`);
}

dag(
  'typescript_alerts',
  {
    params: { by: param({ type: 'number', default: 2 }) },
    onFailure: tell,
    deadlines: [{ name: 'soon', reference: 'queuedAt', interval: '5m', callback: tell }],
    maxConsecutiveFailedDagRuns: 3,
    tags: ['example'],
  },
  (d) => {
    d.task(
      'divide',
      {
        retries: 3,
        retryDelay: '10s',
        retryRules: [
          failOn({ errors: [RangeError], note: 'bad data stays bad' }),
          retryOn({ reasons: ['out_of_memory'], delay: '1m' }),
        ],
        onRetry: ({ inputs }) => console.log('again:', inputs.task_id),
        sla: '2m',
      },
      ({ params }) => {
        if (params.by === 0) throw new RangeError('nothing can be divided by zero');
        return 10 / Number(params.by);
      },
    );
  },
);
