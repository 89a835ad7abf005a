// `dagmesh inputs list`: what tasks ask people.
import {
  type HumanInput,
  HumanInputSchema,
  HumanInputService,
  HumanInputStatus,
} from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, defaulted, optional, text } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { relative } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';

const STATUSES = new Map([
  ['pending', HumanInputStatus.PENDING],
  ['answered', HumanInputStatus.ANSWERED],
]);

export const listInputs = command({
  path: 'inputs list',
  summary: 'List questions that tasks ask people, latest first',
  calls: [HumanInputService.method.listHumanInputs],
  args: { dagId: optional('[dag-id]', 'only those of this DAG') },
  options: {
    runId: text('-r, --run <run-id>', 'only those of this run of it'),
    status: defaulted('-s, --status <status>', `one of ${[...STATUSES.keys()].join(', ')}`, {
      parse: parseChoice(STATUSES),
      otherwise: HumanInputStatus.PENDING,
    }),
    assignedUser: text('--for <user>', 'only those that this user may answer, or has answered'),
    limit: limitOption,
  },
  examples: ['dagmesh inputs list', 'dagmesh inputs list seattle_weather --for ada'],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { runId = '', assignedUser = '', status } = options;
    if (runId !== '' && args.dagId === undefined) {
      throw fail('bad_request', `--run needs the DAG: dagmesh inputs list <dag-id> --run ${runId}`);
    }
    const filter = { dagId: args.dagId ?? '', runId, assignedUser, status };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.humanInputs.listHumanInputs({ ...page, ...filter }),
      rowsOf: (page) => page.humanInputs,
    });
    showList(screen, {
      rows,
      plain: (input) => toPlain(HumanInputSchema, input),
      columns: columns(clock.nowMs()),
      empty: 'There is nothing like that. What was answered: dagmesh inputs list --status answered',
    });
  },
});

function columns(nowMs: number): readonly Column<HumanInput>[] {
  return [
    { title: 'dag_id', cell: (input) => input.dagId },
    { title: 'run_id', cell: (input) => input.runId },
    {
      title: 'task_id',
      cell: ({ taskId, mapIndex }) => (mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`),
    },
    { title: 'question', cell: (input) => input.question?.subject ?? '' },
    { title: 'options', cell: (input) => input.question?.options.join(', ') ?? '' },
    { title: 'asked', cell: (input) => relative(fromTimestamp(input.askedAt), nowMs) },
    { title: 'expires', cell: (input) => relative(fromTimestamp(input.expiresAt), nowMs) },
    { title: 'answer', cell: (input) => input.response?.chosenOptions.join(', ') ?? '' },
    {
      title: 'assigned',
      cell: (input) => input.question?.assignedUsers.join(',') ?? '',
      wide: true,
    },
  ];
}
