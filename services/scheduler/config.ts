// What a scheduler reads from the environment.
import { type ConfigOf, parsed, text, whole } from '#kernel/config/config.ts';
import { bindConfig } from '#kernel/service/service-config.ts';
import { MAPPING_MAX, RUN_INSTANCES_MAX } from './core/mapping/expand.ts';
import { readRunIdPattern } from './core/run/run-ids.ts';

export const schedulerConfig = {
  ...bindConfig('scheduler', 7102),
  metadataAddress: text('DAGMESH_METADATA_ADDRESS', {
    default: '127.0.0.1:7101',
    why: 'Where the metadata service is.',
  }),
  priorityAgeMs: whole('DAGMESH_PRIORITY_AGE_MS', {
    default: 3_600_000,
    min: 1_000,
    max: 31_536_000_000,
    why: 'How long a task waits for limits, slots and workers to gain one unit of priority.',
  }),
  taskQueuedTimeoutMs: whole('DAGMESH_TASK_QUEUED_TIMEOUT_MS', {
    default: 600_000,
    min: 1_000,
    max: 2_678_400_000,
    why: 'How long a task is queued without any worker for its queue before that is an alert.',
  }),
  mappingMax: whole('DAGMESH_MAPPING_MAX', {
    default: MAPPING_MAX,
    min: 1,
    max: RUN_INSTANCES_MAX,
    why: 'How many instances a mapped task has at most; one with more elements fails.',
  }),
  runIdPattern: parsed(
    text('DAGMESH_RUN_ID_PATTERN', {
      default: '^[A-Za-z0-9_.~:+-]+$',
      why: 'A regular expression for the run ids that users choose; ids like Airflow makes them are always allowed.',
    }),
    readRunIdPattern,
  ),
} as const;

export type SchedulerConfig = ConfigOf<typeof schedulerConfig>;
