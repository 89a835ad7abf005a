// The options of a DAG in the contract's form, with Airflow's defaults filled in.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { DagSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import { wholeNumber } from './checks.ts';
import { declaring } from './dag-error.ts';
import { durationMessage } from './duration.ts';
import type { DagOptions } from './options.ts';
import { paramSpecs } from './params.ts';
import { timetableOf } from './schedule.ts';

const ACTIVE_DEFAULT = 16;
const TAGS_MAX = 100;
const TAG_LENGTH_MAX = 100;
/** A date or a time without an offset, which Airflow (and so we) read as UTC. */
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/** Everything of a DagSpec but its tasks. Throws a DagError that names the option at fault. */
export function dagFields(dagId: string, options: DagOptions) {
  const { schedule, dagrunTimeout, params } = options;
  return {
    dagId,
    description: options.description ?? '',
    docMd: options.docMd ?? '',
    owner: options.owner ?? '',
    tags: declaring('tags', () => tagsOf(options.tags ?? [])),
    timetable: declaring('schedule', () => timetableOf(schedule)),
    startDate: declaring('startDate', () => instantOf(options.startDate)),
    endDate: declaring('endDate', () => instantOf(options.endDate)),
    catchup: options.catchup ?? false,
    activeRunsMax: wholeNumber('maxActiveRuns', options.maxActiveRuns ?? ACTIVE_DEFAULT, {
      min: 1,
    }),
    activeTasksMax: wholeNumber('maxActiveTasks', options.maxActiveTasks ?? ACTIVE_DEFAULT, {
      min: 1,
    }),
    dagrunTimeout: declaring('dagrunTimeout', () =>
      dagrunTimeout === undefined ? undefined : durationMessage(dagrunTimeout),
    ),
    params: declaring('params', () => paramSpecs(params ?? {})),
    isPausedUponCreation: options.isPausedUponCreation ?? false,
  } satisfies MessageInitShape<typeof DagSpecSchema>;
}

function instantOf(value: string | Date | undefined): Timestamp | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value.trim() : '';
  const date =
    typeof value === 'string' ? new Date(WITHOUT_OFFSET.test(text) ? `${text}Z` : text) : value;
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(
      `"${String(value)}" is no date; write e.g. 2026-01-31 or 2026-01-31T06:00Z`,
    );
  }
  return timestampFromDate(date);
}

function tagsOf(tags: readonly string[]): string[] {
  if (tags.length > TAGS_MAX)
    throw new RangeError(`${tags.length} tags are too many; ${TAGS_MAX} are allowed`);
  const long = tags.find((tag) => tag.length > TAG_LENGTH_MAX);
  if (long !== undefined)
    throw new RangeError(`"${long}" is longer than ${TAG_LENGTH_MAX} characters`);
  return [...new Set(tags)];
}
