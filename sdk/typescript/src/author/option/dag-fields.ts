// The options of a DAG in the contract's form, with Airflow's defaults filled in.
import type { DagSpecSchema } from '../../gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType } from '../../gen/dagmesh/dag/v1/run_pb.ts';
import { timetableOf } from '../schedule/asset-schedule.ts';
import { oneOf, wholeNumber } from '../checks/checks.ts';
import { DagError, declaring } from '../checks/dag-error.ts';
import { durationMessage, positiveDuration } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import { instantOption } from '../values/instant.ts';
import { KEY_LIMIT_SHAPES, RATE_SHAPES } from './option-shapes.ts';
import type { AllowedRunType, DagOptions, KeyLimit } from './options.ts';
import { paramSpecs } from './params.ts';
import { requireShapes } from '../checks/shapes.ts';

const ACTIVE_DEFAULT = 16;
const TAGS_MAX = 100;
const TAG_LENGTH_MAX = 100;
const FAIR_SHARE_WEIGHT_MAX = 1_000_000;
const CONSECUTIVE_MAX = 1_000;

const RUN_TYPES: Readonly<Record<AllowedRunType, RunType>> = {
  scheduled: RunType.SCHEDULED,
  manual: RunType.MANUAL,
  backfill: RunType.BACKFILL,
  asset_triggered: RunType.ASSET_TRIGGERED,
  asset_materialization: RunType.ASSET_MATERIALIZATION,
};

/**
 * Everything of a DagSpec but what is known only with its tasks. Throws a DagError that names the
 * option at fault.
 */
export function dagFields(dagId: string, options: DagOptions) {
  const { schedule, params, allowedRunTypes = [] } = options;
  return {
    dagId,
    description: options.description ?? '',
    docMd: options.docMd ?? '',
    owner: options.owner ?? '',
    tags: declaring('tags', () => tagsOf(options.tags ?? [])),
    timetable: declaring('schedule', () => timetableOf(schedule)),
    startDate: instantOption('startDate', options.startDate),
    endDate: instantOption('endDate', options.endDate),
    catchup: options.catchup ?? false,
    activeRunsMax: wholeNumber('maxActiveRuns', options.maxActiveRuns ?? ACTIVE_DEFAULT, {
      min: 1,
    }),
    activeTasksMax: wholeNumber('maxActiveTasks', options.maxActiveTasks ?? ACTIVE_DEFAULT, {
      min: 1,
    }),
    dagrunTimeout: positiveDuration('dagrunTimeout', options.dagrunTimeout),
    failFast: options.failFast ?? false,
    consecutiveFailedRunsMax: wholeNumber(
      'maxConsecutiveFailedDagRuns',
      options.maxConsecutiveFailedDagRuns ?? 0,
      { min: 0, max: CONSECUTIVE_MAX },
    ),
    allowedRunTypes: allowedRunTypes.map((name) => oneOf('allowedRunTypes', name, RUN_TYPES)),
    fairShareWeight: fairShareWeight(options.fairShareWeight),
    keyLimits: keyLimits(options.keyLimits ?? {}),
    followsLatestVersion: options.followsLatestVersion ?? false,
    params: declaring('params', () => paramSpecs(params ?? {})),
    isPausedUponCreation: options.isPausedUponCreation ?? false,
  } satisfies FieldsOf<typeof DagSpecSchema>;
}

function keyLimits(limits: Readonly<Record<string, KeyLimit>>) {
  return Object.entries(limits).map(([key, options]) => {
    const limit = `keyLimits.${key}`;
    requireShapes(limit, options, KEY_LIMIT_SHAPES);
    const { maxActive = 0, rate } = options;
    if (maxActive === 0 && rate === undefined) {
      throw new DagError(`${limit} limits nothing; give it maxActive or a rate`);
    }
    const activeMax = wholeNumber(`${limit}.maxActive`, maxActive, { min: 0 });
    if (rate === undefined) return { key, activeMax };
    requireShapes(`${limit}.rate`, rate, RATE_SHAPES);
    const rateCount = wholeNumber(`${limit}.rate.count`, rate.count, { min: 1 });
    const ratePeriod = declaring(`${limit}.rate.period`, () => durationMessage(rate.period));
    return { key, activeMax, rateCount, ratePeriod };
  });
}

/** 0 says that nothing was said. */
function fairShareWeight(weight: number | undefined): number {
  if (weight === undefined) return 0;
  if (weight > 0 && weight <= FAIR_SHARE_WEIGHT_MAX) return weight;
  throw new DagError(`fairShareWeight is ${weight}; it is above 0, up to ${FAIR_SHARE_WEIGHT_MAX}`);
}

function tagsOf(tags: readonly string[]): string[] {
  if (tags.length > TAGS_MAX)
    throw new RangeError(`${tags.length} tags are too many; ${TAGS_MAX} are allowed`);
  const long = tags.find((tag) => tag.length > TAG_LENGTH_MAX);
  if (long !== undefined)
    throw new RangeError(`"${long}" is longer than ${TAG_LENGTH_MAX} characters`);
  return [...new Set(tags)];
}
