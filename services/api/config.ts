// What the api takes from the environment.
import { type ConfigOf, text } from '#kernel/config/config.ts';
import { bindConfig } from '#kernel/service/service-config.ts';

/** The variables, each with its reason. */
export const apiConfig = {
  ...bindConfig('api', 7100),
  metadataAddress: text('DAGMESH_METADATA_ADDRESS', {
    default: '127.0.0.1:7101',
    why: 'Where the metadata service is.',
  }),
  dagProcessorAddress: text('DAGMESH_DAG_PROCESSOR_ADDRESS', {
    default: '127.0.0.1:7105',
    why: 'Where the dag-processor is, which parses DAG files when asked to.',
  }),
} as const;

/** The values. */
export type ApiConfig = ConfigOf<typeof apiConfig>;
