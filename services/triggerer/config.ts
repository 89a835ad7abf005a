// What an operator can set of the triggerer, and within which limits.
import { type ConfigOf, list, text, whole } from '#kernel/config/config.ts';
import { bindConfig } from '#kernel/service/service-config.ts';

/** The variables of this service. It serves no RPC, so of its doors only the metrics page opens. */
export const triggererConfig = {
  ...bindConfig('triggerer', 7107),
  metadataAddress: text('DAGMESH_METADATA_ADDRESS', {
    default: '127.0.0.1:7101',
    why: 'Where metadata is, which knows the schedulers, runs and asset events.',
  }),
  capacity: whole('DAGMESH_TRIGGERER_CAPACITY', {
    default: 10_000,
    min: 1,
    max: 1_000_000,
    why: 'How many triggers this process runs; shared evenly among the schedulers.',
  }),
  httpAllow: list('DAGMESH_TRIGGERER_HTTP_ALLOW', {
    default: [],
    why: 'Hosts HTTP triggers may ask, `*.a.org` for all below; empty: all but link-local ones.',
  }),
  httpTimeoutMs: whole('DAGMESH_TRIGGERER_HTTP_TIMEOUT_MS', {
    default: 10_000,
    min: 100,
    max: 300_000,
    why: 'How long one HTTP request may take, redirects included.',
  }),
  httpRequestsMax: whole('DAGMESH_TRIGGERER_HTTP_REQUESTS', {
    default: 100,
    min: 1,
    max: 10_000,
    why: 'HTTP requests under way at once.',
  }),
  httpRequestsPerHostMax: whole('DAGMESH_TRIGGERER_HTTP_REQUESTS_PER_HOST', {
    default: 8,
    min: 1,
    max: 10_000,
    why: 'HTTP requests under way at once to one host.',
  }),
} as const;

/** The values of this service. */
export type TriggererConfig = ConfigOf<typeof triggererConfig>;
