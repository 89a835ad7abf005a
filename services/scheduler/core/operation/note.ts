// Notes that people write beside runs and task instances.
import type { Deciding } from '../deciding.ts';
import type { Instance } from '../instance.ts';
import { noteOver } from '../run/run-end.ts';
import type { Run } from '../run/run.ts';
import { isRunFinished } from '../state.ts';

/** Writes a note beside a run, or one of its instances; an empty one removes what is there. */
export function writeNote(
  deciding: Deciding,
  run: Run,
  about: { readonly instance: Instance | undefined; readonly note: string },
): void {
  const { instance, note } = about;
  if (instance === undefined) {
    run.note = note;
    deciding.changes.runs.add(run);
  } else {
    instance.note = note;
    deciding.changes.instances.add(instance);
  }
  if (isRunFinished(run.state)) noteOver(deciding, run);
}
