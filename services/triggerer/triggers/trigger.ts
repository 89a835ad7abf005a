// What a kind of trigger is: a function that begins to wait, and answers how to stop.
import type { TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { KnownEvent } from '../core/known-event.ts';
import type { Outcome } from '../core/outcome.ts';

/** What can be waited for, as the contract names it. */
export type TriggerKind = Exclude<TriggerSpec['kind']['case'], undefined>;

/** What is waited for, of one kind. */
export type SpecOf<K extends TriggerKind> = Extract<
  TriggerSpec['kind'],
  { readonly case: K }
>['value'];

/** The wait a trigger runs for. */
export type TriggerWait = {
  /** wait_id. */
  readonly waitId: string;
  /** When the wait began, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** What a watcher was told last. */
  readonly known: KnownEvent;
  /** What is waited for is not true now, so that the known event may come again. */
  readonly onUntrue: () => void;
  /** Where a watcher stands among the updates of an asset; empty when it is not known. */
  readonly assetCursor: string;
  /** Ends the wait; only the first call counts, and none after the trigger was stopped. */
  readonly end: (outcome: Outcome) => void;
};

/** Stops a trigger; may be called after its end. */
export type StopTrigger = () => void;

/** Begins to wait; what it throws ends the wait as a failure. */
export type Trigger<K extends TriggerKind> = (spec: SpecOf<K>, wait: TriggerWait) => StopTrigger;

/** All kinds. */
export type Triggers = { readonly [K in TriggerKind]: Trigger<K> };

/** Begins a trigger of any kind. */
export type StartTrigger = (spec: TriggerSpec | undefined, wait: TriggerWait) => StopTrigger;

/** Finds the kind of each trigger that is begun. */
export function createStartTrigger(triggers: Triggers): StartTrigger {
  return (spec, wait) => {
    const kind = spec?.kind ?? { case: undefined };
    switch (kind.case) {
      case 'timer':
        return triggers.timer(kind.value, wait);
      case 'http':
        return triggers.http(kind.value, wait);
      case 'file':
        return triggers.file(kind.value, wait);
      case 'externalTask':
        return triggers.externalTask(kind.value, wait);
      case 'asset':
        return triggers.asset(kind.value, wait);
      case undefined:
        throw new Error('the trigger says nothing of what it waits for');
    }
  };
}
