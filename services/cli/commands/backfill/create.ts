// `dagmesh backfill create`: run a DAG for a range of dates, after showing which.
import {
  BackfillService,
  type CreateBackfillResponse,
  CreateBackfillResponseSchema,
} from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import {
  type ReprocessBehavior,
  ReprocessBehaviorSchema,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, defaulted, flag, parsed, required, several } from '../../command.ts';
import { parseChoice, parseInstantMs, parseJsonObject, parseWhole } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { EXIT } from '../../core/exit-code.ts';
import { enumNames, toPlain } from '../../core/plain.ts';
import { localIso } from '../../core/when.ts';
import { PREVIEW_ABOUT, previewed, previewOptions } from '../../preview.ts';
import { drawRows, isForPeople, type Screen, showOne } from '../../screen.ts';
import { PAUSED_CALL, sayIfPaused } from '../runs/paused.ts';
import { PLAN_COLUMNS } from './columns.ts';
import { watchBackfill } from './watch.ts';

/** What is done about dates, after their number. */
const ACTION_WORDS: Readonly<Record<string, string>> = {
  create: 'to run',
  reprocess: 'to run again',
  already_exists: 'over already (see --reprocess-behavior)',
  in_flight: 'under way already',
};

const BEHAVIORS: ReadonlyMap<string, ReprocessBehavior> = enumNames(ReprocessBehaviorSchema);

export const createBackfill = command({
  path: 'backfill create',
  summary: 'Run a DAG for a range of dates',
  about: `${PREVIEW_ABOUT}
Prints the backfill's id. With --watch: exit code 0 when all runs succeeded, 1 otherwise.`,
  calls: [BackfillService.method.createBackfill, PAUSED_CALL],
  args: { dagId: required('<dag-id>', 'the DAG') },
  options: {
    fromMs: parsed(
      '--from-date <instant>',
      'first logical date, ISO 8601, UTC unless it says otherwise',
      parseInstantMs,
    ),
    toMs: parsed('--to-date <instant>', 'last logical date, inclusive', parseInstantMs),
    conf: parsed('-c, --dag-run-conf <json>', 'params of the new runs', parseJsonObject),
    reprocess: parsed(
      '--reprocess-behavior <which>',
      'runs that exist and are cleared: none (default), failed, completed',
      parseChoice(BEHAVIORS),
    ),
    activeRunsMax: defaulted('--max-active-runs <count>', "runs at once, beside the DAG's own", {
      parse: parseWhole({ min: 1, max: 10_000 }),
      otherwise: 10,
    }),
    isReverse: flag('--run-backwards', 'latest dates first'),
    taskIds: several('-t, --task <task-id>', 'only these tasks; the others are left out', String),
    upstream: flag('-u, --upstream', 'also what these tasks depend on'),
    stopsOnFailure: flag('--stop-on-failure', 'end it with the first run that fails'),
    latestVersion: flag('--latest-version', 'move cleared runs to the newest version of the DAG'),
    watch: flag('-w, --watch', 'show how it goes until it is over'),
    ...previewOptions,
  },
  examples: [
    'dagmesh backfill create etl --from-date 2026-01-01 --to-date 2026-01-31 --dry-run',
    'dagmesh backfill create etl --from-date 2026-01-01 --to-date 2026-01-31 --yes --watch',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const { fromMs, toMs } = options;
    if (fromMs === undefined || toMs === undefined) {
      throw fail('bad_request', 'Say for which dates: --from-date and --to-date.');
    }
    if (fromMs > toMs) {
      throw fail('bad_request', '--from-date lies after --to-date: exchange them.');
    }
    const request = {
      dagId: args.dagId,
      fromDate: toTimestamp(fromMs),
      toDate: toTimestamp(toMs),
      confJson: options.conf ?? '',
      activeRunsMax: options.activeRunsMax,
      isReverse: options.isReverse,
      taskIds: [...options.taskIds],
      taskIdsIncludeUpstream: options.upstream,
      stopsOnFailure: options.stopsOnFailure,
      runOnLatestVersion: options.latestVersion,
      ...(options.reprocess === undefined ? {} : { reprocessBehavior: options.reprocess }),
    };
    let backfillId = '';
    const exitCode = await previewed(context, {
      options,
      call: async (dryRun) => {
        const answer = await api.backfills.createBackfill({ ...request, dryRun });
        backfillId = answer.backfill?.backfillId ?? '';
        return answer;
      },
      show: (answer) => show(screen, answer, options.watch),
      lines: (answer) => [
        ...answer.dates.map((date) => localIso(fromTimestamp(date.logicalDate))),
        countsLine(answer),
      ],
      count: runsCount,
      question: (answer) => `Make or clear these ${runsCount(answer)} runs?`,
      done: (answer) =>
        `${countsLine(answer)}. See how it goes: dagmesh backfill show ${backfillId}`,
    });
    if (exitCode !== EXIT.ok || backfillId === '') return exitCode;
    if (options.watch) return watchBackfill(context, backfillId);
    await sayIfPaused(context, args.dagId);
    return exitCode;
  },
});

/** A plan as its dates, a backfill as its id; with --watch the document comes at its end. */
function show(screen: Screen, answer: CreateBackfillResponse, isWatched: boolean): void {
  const id = answer.backfill?.backfillId ?? '';
  if (isWatched && id !== '' && !isForPeople(screen)) return;
  showOne(screen, toPlain(CreateBackfillResponseSchema, answer), () =>
    id === ''
      ? `${drawRows(screen, PLAN_COLUMNS, answer.dates)}\n\n${countsLine(answer)}`
      : visible(id),
  );
}

/** The runs that are made or cleared. */
function runsCount({ actionCounts }: CreateBackfillResponse): number {
  return (actionCounts['create'] ?? 0) + (actionCounts['reprocess'] ?? 0);
}

function countsLine({ actionCounts }: CreateBackfillResponse): string {
  const counts = Object.entries(actionCounts).map(
    ([action, count]) => `${count} ${ACTION_WORDS[action] ?? action}`,
  );
  return counts.length === 0 ? 'no dates' : visible(counts.join(', '));
}
