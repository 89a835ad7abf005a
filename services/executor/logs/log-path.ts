// Where the log of an attempt lies: one file per attempt, in folders named as operators think.
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fail } from '#kernel/errors/errors.ts';
import type { AttemptPlace } from '../core/roster.ts';

/** Names one log: an attempt by its place and its fencing number. */
export type LogName = AttemptPlace & { readonly epoch: bigint };

/** Longest name of a file or folder that every file system takes, in bytes. */
const SEGMENT_LENGTH_MAX = 255;

/** What ids are made of; nothing that means something to a file system. */
const ID_PATTERN = /^[A-Za-z0-9_.~:+@-]{1,250}$/;

/**
 * The file of a log below the log folder:
 * `dag_id=…/run_id=…/task_id=…/map_index=…/attempt=<epoch>.log`. Ids that would make a name too
 * long are cut and end in a digest. Throws `bad_request` for ids that no contract allows.
 */
export function logPath(folder: string, name: LogName): string {
  return join(
    folder,
    segment('dag_id', name.dagId),
    segment('run_id', name.runId),
    segment('task_id', name.taskId),
    `map_index=${name.mapIndex}`,
    `attempt=${name.epoch}.log`,
  );
}

/**
 * Refuses a file whose folder does not resolve to a place below the log folder, as when somebody
 * planted a link there. Both must exist.
 */
export async function checkInside(folder: string, path: string): Promise<void> {
  const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(path))]);
  if (!parent.startsWith(root + sep)) {
    throw fail(
      'bad_request',
      'the log lies outside of the log folder; remove the link that leads there',
    );
  }
}

function segment(label: string, id: string): string {
  if (!ID_PATTERN.test(id)) {
    throw fail(
      'bad_request',
      `${label} ${JSON.stringify(id)} is not allowed; use 1 to 250 of A-Z a-z 0-9 _.~:+@-`,
    );
  }
  const whole = `${label}=${id}`;
  if (whole.length <= SEGMENT_LENGTH_MAX) return whole;
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return `${whole.slice(0, SEGMENT_LENGTH_MAX - digest.length - 1)}~${digest}`;
}
