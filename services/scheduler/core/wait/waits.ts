// Waiting off any worker: for a trigger, for people, for a moment; and going on afterwards.
import { create } from '@bufbuild/protobuf';
import { type Wait, WaitSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { HumanInputSpec, TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Deciding } from '../deciding.ts';
import { moveTo, schedule } from '../transition.ts';
import { putOnAgenda } from '../agenda.ts';
import type { Instance } from '../instance.ts';
import { TaskInstanceState } from '../state.ts';

/** What an instance begins to wait for. */
export type WaitRequest = {
  readonly state:
    | typeof TaskInstanceState.DEFERRED
    | typeof TaskInstanceState.AWAITING_INPUT
    | typeof TaskInstanceState.UP_FOR_RESCHEDULE;
  readonly trigger?: TriggerSpec | undefined;
  readonly humanInput?: HumanInputSpec | undefined;
  /** When it ends by itself, epoch milliseconds; undefined means never. */
  readonly untilMs: number | undefined;
  readonly method?: string;
  readonly stateJson?: string;
};

/** An instance waits; it holds no slot meanwhile, unless its pool counts waiting ones. */
export function beginWait(deciding: Deciding, instance: Instance, request: WaitRequest): void {
  const { picture, changes, nowMs, newId } = deciding;
  const { untilMs } = request;
  moveTo(picture, instance, request.state);
  instance.startMs ??= nowMs;
  instance.endMs = undefined;
  instance.wait = create(WaitSchema, {
    waitId: newId(),
    ...(request.trigger === undefined ? {} : { trigger: request.trigger }),
    ...(request.humanInput === undefined ? {} : { humanInput: request.humanInput }),
    since: toTimestamp(nowMs),
    ...(untilMs === undefined ? {} : { until: toTimestamp(untilMs) }),
    resumeMethod: request.method ?? '',
    resumeJson: request.stateJson ?? '',
    keepsSlots: instance.holdsSlots,
  });
  changes.instances.add(instance);
  watchWait(deciding, instance);
}

/** Has the end of a wait noticed: what a trigger comes to, and the time that runs out. */
export function watchWait({ picture }: Pick<Deciding, 'picture'>, instance: Instance): void {
  const { wait } = instance;
  if (wait?.trigger !== undefined && instance.state === TaskInstanceState.DEFERRED) {
    picture.waits.set(wait.waitId, instance);
  }
  const untilMs = fromTimestamp(wait?.until);
  if (wait === undefined || untilMs === undefined) return;
  const subject = { kind: 'wait_end', instance, waitId: wait.waitId } as const;
  putOnAgenda(picture.agenda, untilMs, subject, instance);
}

/** The same try goes on: it waits for limits, slots and a worker again. */
export function resume(deciding: Deciding, instance: Instance, how: Partial<Wait> = {}): void {
  if (instance.wait !== undefined) {
    const { $typeName: _, ...wait } = { ...instance.wait, ...how };
    instance.wait = create(WaitSchema, wait);
  }
  schedule(deciding, instance);
}

/** True while an instance waits off any worker. */
export function isWaiting({ state }: Instance): boolean {
  return (
    state === TaskInstanceState.DEFERRED ||
    state === TaskInstanceState.AWAITING_INPUT ||
    state === TaskInstanceState.UP_FOR_RESCHEDULE
  );
}
