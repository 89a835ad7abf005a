// What people are shown of things that may hold secrets: whom a trigger or a notifier asks, but not
// what it proves itself with.
import type { CallbackSpec } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import type { AssetSpec } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { TaskInstance, Wait } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';

/** Stands for what nobody is shown; the names of headers stay. */
export const MASK = '***';

/** A task instance without what its task keeps for itself while it waits. */
export function maskedTaskInstance(instance: TaskInstance): TaskInstance {
  const { wait } = instance;
  return wait === undefined ? instance : { ...instance, wait: maskedWait(wait) };
}

/** A trigger without its headers' values and its body: tokens are sent in both. */
export function maskedTrigger(trigger: TriggerSpec): TriggerSpec {
  const { kind } = trigger;
  if (kind.case !== 'http') return trigger;
  const { headers, body } = kind.value;
  const value = { ...kind.value, headers: maskedHeaders(headers), body: body && MASK };
  return { ...trigger, kind: { case: 'http', value } };
}

/** The spec of a DAG, all its triggers and callbacks masked. */
export function maskedSpec(spec: DagSpec): DagSpec {
  return {
    ...spec,
    callbacks: spec.callbacks.map(maskedCallback),
    deadlines: spec.deadlines.map((deadline) => ({
      ...deadline,
      ...masked('callback', deadline.callback, maskedCallback),
    })),
    assets: spec.assets.map(maskedAsset),
    tasks: spec.tasks.map((task) => ({
      ...task,
      callbacks: task.callbacks.map(maskedCallback),
      ...masked('trigger', task.trigger, maskedTrigger),
    })),
  };
}

function maskedWait(wait: Wait): Wait {
  const resumeJson = wait.resumeJson && MASK;
  return { ...wait, resumeJson, ...masked('trigger', wait.trigger, maskedTrigger) };
}

function maskedAsset(asset: AssetSpec): AssetSpec {
  const watchers = asset.watchers.map((watcher) => ({
    ...watcher,
    ...masked('trigger', watcher.trigger, maskedTrigger),
  }));
  return { ...asset, watchers };
}

function maskedCallback(callback: CallbackSpec): CallbackSpec {
  const { action } = callback;
  if (action.case !== 'webhook') return callback;
  const value = { ...action.value, headers: maskedHeaders(action.value.headers) };
  return { ...callback, action: { case: 'webhook', value } };
}

/** The field masked, or no field when it is absent. */
function masked<K extends string, V>(
  field: K,
  value: V | undefined,
  mask: (value: V) => V,
): { readonly [F in K]?: V } {
  return value === undefined ? {} : ({ [field]: mask(value) } as { readonly [F in K]?: V });
}

function maskedHeaders(headers: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
}
