// What an operator can set of the executor, and within which limits.
import { resolve } from 'node:path';
import { type ConfigOf, parsed, text, whole } from '#kernel/config/config.ts';
import { bindConfig } from '#kernel/service/service-config.ts';

const MIB = 1024 * 1024;

/** The variables of this service. */
export const executorConfig = {
  ...bindConfig('executor', 7103),
  httpPort: whole('DAGMESH_EXECUTOR_HTTP_PORT', {
    default: 7104,
    min: 0,
    max: 65_535,
    why: 'Port at which workers that cannot stream call over plain HTTP with JSON.',
  }),
  metadataAddress: text('DAGMESH_METADATA_ADDRESS', {
    default: '127.0.0.1:7101',
    why: 'Where metadata is, which knows the schedulers, XComs and connections.',
  }),
  logFolder: parsed(
    text('DAGMESH_LOG_DIR', {
      default: 'logs',
      why: 'The folder of the task logs; all executors of a mesh share it.',
    }),
    (folder) => resolve(folder),
  ),
  logSizeMax: whole('DAGMESH_LOG_SIZE_MAX', {
    default: 64 * MIB,
    min: 1024,
    max: 16 * 1024 * MIB,
    why: 'Largest log of one attempt, in bytes; what follows is dropped, and the log says so.',
  }),
} as const;

/** The values of this service. */
export type ExecutorConfig = ConfigOf<typeof executorConfig>;
