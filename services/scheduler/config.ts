// What a scheduler reads from the environment.
import { type ConfigOf, text } from '#kernel/config/config.ts';
import { bindConfig } from '#kernel/service/service-config.ts';

export const schedulerConfig = {
  ...bindConfig('scheduler', 7102),
  metadataAddress: text('DAGMESH_METADATA_ADDRESS', {
    default: '127.0.0.1:7101',
    why: 'Where the metadata service is.',
  }),
} as const;

export type SchedulerConfig = ConfigOf<typeof schedulerConfig>;
