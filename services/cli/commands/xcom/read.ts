// `dagmesh xcom list` and `get`: what tasks handed to one another.
import {
  GetXComResponseSchema,
  type XComEntry,
  XComEntrySchema,
  XComService,
} from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { command, required, text } from '../../command.ts';
import { visibleLines } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList, showOne } from '../../screen.ts';
import { resolveRunId, runArgument } from '../runs/latest.ts';
import { taskByTask } from '../tasks/columns.ts';
import { mapIndexOption, targetArguments } from '../tasks/target.ts';
import { keyOption } from './key.ts';

const COLUMNS: readonly Column<XComEntry>[] = [
  {
    title: 'task_id',
    cell: ({ taskId, mapIndex }) => (mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`),
  },
  { title: 'key', cell: (xcom) => xcom.key },
  { title: 'bytes', cell: (xcom) => String(xcom.valueSize), align: 'right' },
];

export const listXComs = command({
  path: 'xcom list',
  summary: 'List the XComs of a run',
  about: 'Without their values; one value: dagmesh xcom get',
  calls: [XComService.method.listXComs],
  args: { dagId: required('<dag-id>', 'the DAG'), runId: runArgument },
  options: {
    taskId: text('-t, --task <task-id>', 'only of this task'),
    mapIndex: mapIndexOption,
    key: text('-k, --key <key>', 'only under this key'),
    limit: limitOption,
  },
  examples: [
    'dagmesh xcom list seattle_weather latest',
    'dagmesh xcom list seattle_weather latest --task validate -o json',
  ],
  run: async ({ args, options }, { api, screen }) => {
    const { taskId = '', key = '', mapIndex } = options;
    const run = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.xcoms.listXComs({ ...run, ...page, taskId, key, mapIndex }),
      rowsOf: (page) => page.xcoms,
    });
    showList(screen, {
      rows: taskByTask(rows),
      plain: (xcom) => toPlain(XComEntrySchema, xcom),
      columns: COLUMNS,
      empty: `There is no such XCom. See the tasks: dagmesh tasks list ${run.dagId} ${run.runId}`,
    });
  },
});

export const getXCom = command({
  path: 'xcom get',
  summary: 'Print the value of an XCom',
  about: 'As the JSON that the task pushed, so that it can be piped into jq.',
  calls: [XComService.method.getXCom],
  args: targetArguments,
  options: { key: keyOption, mapIndex: mapIndexOption },
  examples: [
    'dagmesh xcom get seattle_weather latest validate',
    'dagmesh xcom get seattle_weather latest validate --key rows',
  ],
  run: async ({ args, options }, { api, screen }) => {
    const { key = '', mapIndex } = options;
    const runId = await resolveRunId(api, args);
    const answer = await api.xcoms.getXCom({ ...args, runId, key, mapIndex });
    showOne(screen, toPlain(GetXComResponseSchema, answer), () => visibleLines(answer.valueJson));
  },
});
