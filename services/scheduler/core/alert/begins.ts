// Beginnings of tries: which of them somebody wants to know of, and that each is told once.
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import type { Instance } from '../instance.ts';
import type { Picture } from '../picture.ts';

/** True when somebody is to be told as soon as an instance is leased. */
export function tellsOfBegin({ task, wait }: Instance): boolean {
  // One that waited goes on with a try that has begun long ago.
  return wait === undefined && hasListener(task);
}

/** A try begins on a worker; one that begins again, because it was rejected, is not told again. */
export function announceTry(picture: Picture, instance: Instance): void {
  if (instance.announcedTry === instance.tryNumber) return;
  instance.announcedTry = instance.tryNumber;
  announceBegin(picture, instance);
}

/**
 * A task begins: the decision that makes it begin also starts the callbacks of those who listen, so
 * that both are in one commit.
 */
export function announceBegin(picture: Picture, instance: Instance): void {
  if (hasListener(instance.task)) picture.begun.add(instance);
}

function hasListener({ callbacks }: Instance['task']): boolean {
  return callbacks.some(({ event }) => event === CallbackEvent.EXECUTE);
}
