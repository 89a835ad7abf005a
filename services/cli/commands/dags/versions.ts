// `dagmesh dags versions`: what a DAG was over time.
import {
  type DagVersion,
  DagService,
  DagVersionSchema,
} from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, required } from '../../command.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { localIso } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';

const COLUMNS: readonly Column<DagVersion>[] = [
  { title: 'version', cell: (version) => String(version.versionNumber), align: 'right' },
  { title: 'current', cell: (version) => (version.isCurrent ? 'yes' : '') },
  { title: 'since', cell: (version) => localIso(fromTimestamp(version.createdAt)) },
  { title: 'tasks', cell: (version) => String(version.tasksCount), align: 'right' },
  { title: 'schedule', cell: (version) => version.schedule },
  { title: 'file', cell: (version) => version.dagFile },
  { title: 'bundle', cell: (version) => version.bundleName, wide: true },
  { title: 'bundle version', cell: (version) => version.bundleVersion, wide: true },
];

export const listVersions = command({
  path: 'dags versions',
  summary: 'List the versions of a DAG, newest first',
  about: 'A version in full: dagmesh dags show <dag-id> --dag-version <number> -o yaml',
  calls: [DagService.method.listDagVersions],
  args: { dagId: required('<dag-id>', 'the DAG') },
  options: { limit: limitOption },
  examples: ['dagmesh dags versions seattle_weather'],
  run: async ({ args, options }, { api, screen }) => {
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.dags.listDagVersions({ ...page, dagId: args.dagId }),
      rowsOf: (page) => page.versions,
    });
    showList(screen, {
      rows,
      plain: (version) => toPlain(DagVersionSchema, version),
      columns: COLUMNS,
      empty: `${args.dagId} has no version yet. See what went wrong: dagmesh dags errors`,
    });
  },
});
