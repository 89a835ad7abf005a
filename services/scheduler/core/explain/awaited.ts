// What a deferred task waits for, by name.
import type { TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';

/** Tasks of another DAG that are named. */
const NAMED_MAX = 10;

/** What a trigger watches, by name; of a URL what may hold a secret is left out. */
export function awaitedWords(trigger: TriggerSpec | undefined): string {
  const kind = trigger?.kind;
  switch (kind?.case) {
    case 'http':
      return `an answer of "${kind.value.url.replace(/[?#].*$/, '').replace(/\/\/[^/]*@/, '//')}"`;
    case 'file':
      return `file "${kind.value.path}" to ${kind.value.isGone ? 'be gone' : 'appear'}`;
    case 'externalTask': {
      const { dagId, runId, taskGroupId, taskIds } = kind.value;
      const tasks = [...taskIds, ...(taskGroupId === '' ? [] : [taskGroupId])].map(
        (id) => `"${id}"`,
      );
      const whole = runId === '' ? `DAG "${dagId}"` : `run "${runId}" of DAG "${dagId}"`;
      return tasks.length === 0 ? whole : `${tasks.slice(0, NAMED_MAX).join(', ')} of ${whole}`;
    }
    case 'asset':
      return `an update of asset "${kind.value.assetName}"`;
    default:
      return 'a trigger';
  }
}
