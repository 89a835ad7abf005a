// What a scheduler reads from the environment.
import { type ConfigOf, parsed, text } from '#kernel/config/config.ts';
import { bindConfig } from '#kernel/service/service-config.ts';
import { readRunIdPattern } from './core/run-ids.ts';

export const schedulerConfig = {
  ...bindConfig('scheduler', 7102),
  metadataAddress: text('DAGMESH_METADATA_ADDRESS', {
    default: '127.0.0.1:7101',
    why: 'Where the metadata service is.',
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
