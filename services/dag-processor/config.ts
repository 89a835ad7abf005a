// What an operator can set of the dag-processor, and within which limits.
import { join, resolve } from 'node:path';
import { cacheFolder } from '../../deploy/launch/cache.mjs';
import { type ConfigOf, optionalText, parsed, text, whole } from '#kernel/config/config.ts';
import { bindConfig } from '#kernel/service/service-config.ts';
import type { IgnoreSyntax } from './folder/scan-folder.ts';
import { parseBundles } from './core/bundle/bundle-list.ts';

/** The variables of this service. */
export const dagProcessorConfig = {
  ...bindConfig('dag-processor', 7105),
  metadataAddress: text('DAGMESH_METADATA_ADDRESS', {
    default: '127.0.0.1:7101',
    why: 'Where metadata is, which keeps what is read.',
  }),
  dagsFolder: parsed(
    text('DAGMESH_DAGS_FOLDER', { default: 'dags', why: 'The folder of the DAG files.' }),
    (folder) => resolve(folder),
  ),
  bundles: parsed(
    text('DAGMESH_DAG_BUNDLES', {
      default: '[]',
      secret: true,
      why: 'More places of DAG files, as a JSON list of {name, kind: "folder", path} and {name, kind: "git", url, ref, subfolder, refresh_seconds}.',
    }),
    parseBundles,
    { keepsSecrets: true },
  ),
  bundlesFolder: parsed(
    text('DAGMESH_BUNDLES_FOLDER', {
      default: 'bundles',
      why: 'Where bundles are checked out, <name>/<version>; workers of this machine read there.',
    }),
    (folder) => resolve(folder),
  ),
  bundleVersionsKept: whole('DAGMESH_BUNDLE_VERSIONS_KEPT', {
    default: 20,
    min: 2,
    max: 10_000,
    why: 'How many versions of a git bundle stay checked out although no run needs them now.',
  }),
  bundleCheckMs: whole('DAGMESH_BUNDLE_CHECK_MS', {
    default: 5_000,
    min: 50,
    max: 3_600_000,
    why: 'How often the catalog is asked which versions of git bundles runs need checked out.',
  }),
  mappedInstancesMax: whole('DAGMESH_DAG_MAPPED_INSTANCES_MAX', {
    default: 100_000,
    min: 1,
    max: 10_000_000,
    why: 'How many instances a task may have by being mapped over literals.',
  }),
  python: optionalText('DAGMESH_PYTHON', {
    why: `The Python that reads .py files; by default ${join(cacheFolder, 'python')}, else python3.`,
  }),
  ignoreSyntax: parsed(
    text('DAGMESH_DAG_IGNORE_SYNTAX', {
      default: 'glob',
      why: 'How .airflowignore files are written: glob or regexp.',
    }),
    (syntax): IgnoreSyntax => {
      if (syntax === 'glob' || syntax === 'regexp') return syntax;
      throw new Error(`is "${syntax}"; it must be glob or regexp`);
    },
  ),
  rescanMs: whole('DAGMESH_DAG_RESCAN_MS', {
    default: 5_000,
    min: 50,
    max: 3_600_000,
    why: 'How often the folder is looked through for changes that the system did not tell.',
  }),
  catalogCheckMs: whole('DAGMESH_DAG_CATALOG_CHECK_MS', {
    default: 60_000,
    min: 50,
    max: 86_400_000,
    why: 'How often the catalog is asked whether it still has what was read, as after a restore.',
  }),
  readTimeMaxMs: whole('DAGMESH_DAG_READ_TIME_MAX_MS', {
    default: 30_000,
    min: 100,
    max: 600_000,
    why: 'How long reading one DAG file may take.',
  }),
  readMemoryMaxMib: whole('DAGMESH_DAG_READ_MEMORY_MAX_MIB', {
    default: 512,
    min: 96,
    max: 65_536,
    why: 'How much memory reading one DAG file may take.',
  }),
  childrenMax: whole('DAGMESH_DAG_READ_CHILDREN_MAX', {
    default: 2,
    min: 1,
    max: 64,
    why: 'How many DAG files are read at once.',
  }),
} as const;

/** The values of this service. */
export type DagProcessorConfig = ConfigOf<typeof dagProcessorConfig>;
