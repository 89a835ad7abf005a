// Triggers as people read them.
import type {
  ExternalTaskTrigger,
  TimerTrigger,
  TriggerSpec,
} from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { localIso, span } from './when.ts';

/** `file /in/*.csv`, `every 1h00m`, `GET https://example.org`: what a watcher waits for. */
export function triggerWords(trigger: TriggerSpec | undefined): string {
  const { kind } = trigger ?? {};
  switch (kind?.case) {
    case 'timer':
      return timerWords(kind.value);
    case 'http':
      return `${kind.value.method || 'GET'} ${kind.value.url}`;
    case 'file':
      return kind.value.isGone ? `no file ${kind.value.path}` : `file ${kind.value.path}`;
    case 'externalTask':
      return externalTaskWords(kind.value);
    case 'asset':
      return `asset ${kind.value.assetName}`;
    default:
      // Contracts grow: an older command line does not know every kind.
      return 'something this version does not know';
  }
}

function timerWords({ moment }: TimerTrigger): string {
  if (moment.case === 'at') return `at ${localIso(fromTimestamp(moment.value))}`;
  return `every ${span(fromDuration(moment.value) ?? 0)}`;
}

function externalTaskWords({ dagId, runId, taskIds, taskGroupId }: ExternalTaskTrigger): string {
  const tasks = taskGroupId === '' ? taskIds.join(',') : taskGroupId;
  const run = runId === '' ? '' : ` ${runId}`;
  return `DAG ${dagId}${run}${tasks === '' ? '' : ` ${tasks}`}`;
}
