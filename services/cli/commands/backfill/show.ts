// `dagmesh backfill show`: one backfill, its progress and its dates.
import {
  BackfillService,
  type BackfillStatus,
  GetBackfillResponseSchema,
} from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { type DagRunState, DagRunStateSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { ReprocessBehaviorSchema } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, flag, several } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { stateColour } from '../../core/paint.ts';
import { enumName, enumNames, toPlain } from '../../core/plain.ts';
import { drawPairs } from '../../core/table.ts';
import { localIso } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { drawRows, type Screen, showOne } from '../../screen.ts';
import { PAUSED_CALL } from '../runs/paused.ts';
import { backfillArguments } from './change.ts';
import { backfillState, dateColumns, progressLine } from './columns.ts';
import { watchBackfill } from './watch.ts';

const RUN_STATES: ReadonlyMap<string, DagRunState> = enumNames(DagRunStateSchema);

export const showBackfill = command({
  path: 'backfill show',
  summary: 'Show a backfill, its progress and its dates',
  about: 'With --watch: exit code 0 when all its runs succeeded, 1 otherwise.',
  calls: [
    BackfillService.method.getBackfill,
    BackfillService.method.listBackfillDates,
    PAUSED_CALL,
  ],
  args: backfillArguments,
  options: {
    runStates: several(
      '-s, --state <state>',
      `only dates whose run is in these states: ${[...RUN_STATES.keys()].join(', ')}`,
      parseChoice(RUN_STATES),
    ),
    watch: flag('-w, --watch', 'show how it goes until it is over, instead of its dates'),
    limit: limitOption,
  },
  examples: [
    'dagmesh backfill show 019bb4c2-54a0-7a31-9d3c-0f7a4f6f2c11',
    'dagmesh backfill show 019bb4c2-54a0-7a31-9d3c-0f7a4f6f2c11 --state failed',
    'dagmesh backfill show 019bb4c2-54a0-7a31-9d3c-0f7a4f6f2c11 --watch',
  ],
  run: async ({ args, options }, context) => {
    if (options.watch) return watchBackfill(context, args.backfillId);
    const { api, screen, clock } = context;
    const answer = await api.backfills.getBackfill(args);
    const dates = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) =>
        api.backfills.listBackfillDates({ ...args, ...page, runStates: [...options.runStates] }),
      rowsOf: (page) => page.dates,
    });
    showOne(screen, toPlain(GetBackfillResponseSchema, answer), () => {
      const facts = answer.status === undefined ? '' : describeBackfill(answer.status, screen);
      return `${facts}\n\n${drawRows(screen, dateColumns(clock.nowMs()), dates)}`;
    });
    return;
  },
});

function describeBackfill(status: BackfillStatus, screen: Screen): string {
  const { backfill, progress } = status;
  if (backfill === undefined) return '';
  const state = backfillState(status);
  const colour = stateColour(state);
  const from = localIso(fromTimestamp(backfill.fromDate));
  const upstream = backfill.taskIdsIncludeUpstream ? ' and what they depend on' : '';
  const tasks = backfill.taskIds.length === 0 ? '' : `${backfill.taskIds.join(', ')}${upstream}`;
  return drawPairs([
    ['backfill_id', visible(backfill.backfillId)],
    ['dag_id', visible(backfill.dagId)],
    ['state', colour === undefined ? state : screen.paint(state, colour)],
    ['progress', progressLine(progress)],
    ['dates', `${from} to ${localIso(fromTimestamp(backfill.toDate))}`],
    ['order', backfill.isReverse ? 'latest first' : 'earliest first'],
    ['runs at once', String(backfill.activeRunsMax || 10)],
    ['reprocesses', enumName(ReprocessBehaviorSchema, backfill.reprocessBehavior)],
    ['tasks', visible(tasks)],
    ['on failure', backfill.stopsOnFailure ? 'ends' : undefined],
    ['created', localIso(fromTimestamp(backfill.createdAt))],
    ['by', visible(backfill.createdBy)],
    ['ended', localIso(fromTimestamp(backfill.completedAt))],
    ['conf', visible(backfill.confJson)],
  ]);
}
