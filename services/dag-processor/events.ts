// What the dag-processor tells operators: one function for each event, log line and metric.
import type { Log } from '#kernel/log/log.ts';
import type { Metrics } from '#kernel/telemetry/metrics.ts';
import type { DagLanguage } from './core/file/dag-source.ts';
import type { Limit } from './core/reading/explain-outcome.ts';

/** The events of this service. */
export type Events = {
  /** What keeps children apart from this machine. */
  isolationProbed(inForce: Readonly<Record<string, string>>): void;
  /** A file was read and its DAGs are stored. */
  fileRead(file: FileEvent & { readonly dagsCount: number }): void;
  /** A file cannot be used; its last good version stays. */
  fileRefused(file: FileEvent & { readonly error: string }): void;
  /** A child broke a limit and was killed. */
  childKilled(path: string, limit: Limit): void;
  /** A file is gone, and its DAGs are inactive. */
  fileRemoved(path: string): void;
  /** A look through the folder. */
  folderSeen(look: {
    /** Empty for the DAG folder. */
    readonly bundleName: string;
    readonly filesCount: number;
    readonly isCut: boolean;
  }): void;
  /** A folder cannot be read; what is known of it stays. */
  folderUnreadable(bundleName: string, reason: string): void;
  /** A bundle has another version. */
  bundleRefreshed(bundleName: string, version: string): void;
  /** A bundle cannot be fetched or checked out; the version it has stays. */
  bundleFailed(bundleName: string, reason: string): void;
  /** Another dag-processor has a later version: what is said of ours no longer counts. */
  bundleOutdated(bundleName: string, version: string): void;
  /** A version that runs need cannot be checked out; they wait for it. */
  bundleVersionLost(bundleName: string, version: string, reason: string): void;
  /** A link to a folder is not followed. */
  linkNotFollowed(path: string): void;
  /** A line of an ignore file is left out of account. */
  ignoreRuleUnusable(bundleName: string, rule: string): void;
  /** The catalog does not answer; what has to be stored waits. */
  catalogAway(reason: string): void;
  /** The catalog has something else than it was told; it is told again. */
  catalogDiffers(counts: { readonly lostCount: number; readonly unknownCount: number }): void;
  /** What was read cannot be stored, and nobody knows why. */
  storeFailed(path: string, error: unknown): void;
};

/** A reading of a file. */
export type FileEvent = {
  readonly path: string;
  readonly language: DagLanguage | undefined;
  readonly durationMs: number;
};

const SECONDS_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const UNREADABLE_LINES_EVERY = 60;
const SAID_MAX = 1_000;

/** The events of one service. */
export function createEvents(log: Log, metrics: Metrics): Events {
  const instruments = declareMetrics(metrics);
  const { readings, kills } = instruments;
  const said = new Set<string>();
  let isCatalogAway = false;
  const observe = ({ language, durationMs }: FileEvent, result: string) => {
    isCatalogAway = false;
    readings.observe({ language: language ?? 'none', result }, durationMs / 1_000);
  };

  return {
    ...bundleEvents(log, instruments),
    isolationProbed: (inForce) => log.info(inForce, 'isolation of dag files'),
    fileRead(file) {
      observe(file, 'dags');
      const { path, dagsCount, durationMs } = file;
      log.info(
        { path, dags_count: dagsCount, duration_ms: Math.round(durationMs) },
        'dag file read',
      );
    },
    fileRefused(file) {
      observe(file, 'error');
      log.warn({ path: file.path, error: file.error }, 'dag file refused');
    },
    childKilled(path, limit) {
      kills.inc({ limit });
      log.warn({ path, limit }, 'child killed');
    },
    fileRemoved: (path) => log.info({ path }, 'dag file removed'),
    linkNotFollowed(path) {
      if (once(said, path)) log.warn({ path }, 'link to a folder is not followed');
    },
    ignoreRuleUnusable(bundleName, rule) {
      if (!once(said, `${bundleName} ${rule}`)) return;
      const fields = { bundle_name: bundleName, rule };
      log.warn(fields, 'rule of an ignore file cannot be used');
    },
    catalogAway(reason) {
      if (!isCatalogAway) log.warn({ reason }, 'catalog does not answer');
      isCatalogAway = true;
    },
    catalogDiffers({ lostCount, unknownCount }) {
      log.warn({ lost_count: lostCount, unknown_count: unknownCount }, 'catalog differs');
    },
    storeFailed: (path, err) => log.error({ path, err }, 'dag file cannot be stored'),
  };
}

type BundleEvents = Pick<
  Events,
  | 'folderSeen'
  | 'folderUnreadable'
  | 'bundleRefreshed'
  | 'bundleFailed'
  | 'bundleOutdated'
  | 'bundleVersionLost'
>;

function bundleEvents(
  log: Log,
  { files, failures }: ReturnType<typeof declareMetrics>,
): BundleEvents {
  const cut = new Set<string>();
  const unreadableCounts = new Map<string, number>();
  return {
    folderSeen({ bundleName, filesCount, isCut }) {
      files.set({ bundle: bundleName }, filesCount);
      unreadableCounts.delete(bundleName);
      if (isCut && once(cut, bundleName)) {
        const fields = { bundle_name: bundleName, files_count: filesCount };
        log.error(fields, 'dag folder has more files than are read');
      }
    },
    folderUnreadable(bundleName, reason) {
      const count = unreadableCounts.get(bundleName) ?? 0;
      unreadableCounts.set(bundleName, count + 1);
      if (count % UNREADABLE_LINES_EVERY !== 0) return;
      log.warn({ bundle_name: bundleName, reason }, 'dag folder cannot be read');
    },
    bundleRefreshed(bundleName, version) {
      log.info({ bundle_name: bundleName, bundle_version: version }, 'bundle refreshed');
    },
    bundleFailed(bundleName, reason) {
      failures.inc({ bundle: bundleName });
      log.warn({ bundle_name: bundleName, reason }, 'bundle cannot be refreshed');
    },
    bundleOutdated(bundleName, version) {
      const fields = { bundle_name: bundleName, bundle_version: version };
      log.info(fields, 'another dag-processor has a later version of a bundle');
    },
    bundleVersionLost(bundleName, version, reason) {
      const fields = { bundle_name: bundleName, bundle_version: version, reason };
      log.warn(fields, 'version of a bundle cannot be checked out');
    },
  };
}

function declareMetrics(metrics: Metrics) {
  return {
    readings: metrics.histogram(
      'dagmesh_dag_file_read_seconds',
      'Time to read a DAG file in its child, by language and result.',
      SECONDS_BUCKETS,
      ['language', 'result'],
    ),
    kills: metrics.counter(
      'dagmesh_dag_file_children_killed_total',
      'Children that read DAG files and were killed, by the limit they broke.',
      ['limit'],
    ),
    files: metrics.gauge('dagmesh_dag_files', 'DAG files in a bundle.', ['bundle']),
    failures: metrics.counter(
      'dagmesh_dag_bundle_failures_total',
      'Refreshes of git bundles that failed.',
      ['bundle'],
    ),
  };
}

function once(said: Set<string>, what: string): boolean {
  if (said.has(what) || said.size >= SAID_MAX) return false;
  said.add(what);
  return true;
}
