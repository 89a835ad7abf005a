// What runs are called: after what made them and when, or after the partition they are about.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { nameOfRunType } from '../state.ts';

/** Types whose names are at the head of run ids, before `__`. */
const NAMED_TYPES = [
  RunType.SCHEDULED,
  RunType.MANUAL,
  RunType.BACKFILL,
  RunType.ASSET_TRIGGERED,
  RunType.ASSET_MATERIALIZATION,
  RunType.CALLBACK,
] as const;

/** Ids that are spelled like those of Airflow are allowed, whatever the pattern says. */
const BUILT_IN = /^(?:manual|scheduled|asset_triggered)__\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;

const KEY_CHARS_MAX = 200;

/**
 * The id of a run that nobody has named: `<type>__<run_after>`, with something random behind it
 * when there is no logical date that makes it unique; `<key>__<random>` for a partition.
 */
export function makeRunId(
  run: {
    readonly runType: RunType;
    readonly runAfterMs: number;
    readonly logicalDateMs: number | undefined;
    readonly partitionKey?: string | undefined;
  },
  newId: () => string,
): string {
  const { runType, runAfterMs, logicalDateMs, partitionKey = '' } = run;
  if (partitionKey !== '') return `${toIdChars(partitionKey)}__${randomEnd(newId)}`;
  const id = `${nameOfRunType(runType)}__${isoInstant(runAfterMs)}`;
  return logicalDateMs === undefined ? `${id}_${randomEnd(newId)}` : id;
}

/** The type of run that ids like this one are kept for; undefined when anybody may use it. */
export function typeReservedBy(runId: string): RunType | undefined {
  return NAMED_TYPES.find((runType) => runId.startsWith(`${nameOfRunType(runType)}__`));
}

/** Whether a user may call a run so; without a pattern only ids like Airflow's own are allowed. */
export function isRunIdAllowed(runId: string, pattern: RegExp | undefined): boolean {
  return (pattern?.test(runId) ?? false) || BUILT_IN.test(runId);
}

/**
 * A pattern for run ids, which are matched from their beginning; undefined when it is empty. Throws
 * a SyntaxError when it is not a regular expression.
 */
export function readRunIdPattern(text: string): RegExp | undefined {
  return text === '' ? undefined : new RegExp(`^(?:${text})`, 'u');
}

/**
 * As Airflow spells instants in run ids: `2026-01-01T00:00:00+00:00`, with milliseconds only when
 * there are any.
 */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', '+00:00').replace('Z', '+00:00');
}

/** The end of a new id is its random part. */
function randomEnd(newId: () => string): string {
  return newId().slice(-8);
}

/** A partition key may have any characters, and run ids are part of addresses and file names. */
function toIdChars(key: string): string {
  return key.slice(0, KEY_CHARS_MAX).replaceAll(/[^A-Za-z0-9_.~:+-]/g, '_');
}
