// `dagmesh backfill pause`, `unpause` and `cancel`.
import { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { command, requiredAs } from '../../command.ts';
import { parseBackfillId } from '../../core/arguments.ts';

/** The argument of every command about a backfill. */
export const backfillArguments = {
  backfillId: requiredAs('<backfill-id>', 'the backfill', parseBackfillId),
};
const EXAMPLE_ID = '019bb4c2-54a0-7a31-9d3c-0f7a4f6f2c11';

export const pauseBackfill = command({
  path: 'backfill pause',
  summary: 'Start no further run of a backfill',
  about: 'What is running goes on to its end. Exit code 6 when it is over.',
  calls: [BackfillService.method.pauseBackfill],
  args: backfillArguments,
  examples: [`dagmesh backfill pause ${EXAMPLE_ID}`],
  run: async ({ args }, { api, screen }) => {
    await api.backfills.pauseBackfill(args);
    screen.say(`Paused. Let it go on: dagmesh backfill unpause ${args.backfillId}`);
  },
});

export const unpauseBackfill = command({
  path: 'backfill unpause',
  summary: 'End the pause of a backfill',
  about: 'Exit code 6 when it is over.',
  calls: [BackfillService.method.unpauseBackfill],
  args: backfillArguments,
  examples: [`dagmesh backfill unpause ${EXAMPLE_ID}`],
  run: async ({ args }, { api, screen }) => {
    await api.backfills.unpauseBackfill(args);
    screen.say(`Unpaused. See how it goes: dagmesh backfill show ${args.backfillId} --watch`);
  },
});

export const cancelBackfill = command({
  path: 'backfill cancel',
  summary: 'End a backfill before its time',
  about: 'Runs that wait fail, what is running goes on to its end. Exit code 6 when it is over.',
  calls: [BackfillService.method.cancelBackfill],
  args: backfillArguments,
  examples: [`dagmesh backfill cancel ${EXAMPLE_ID}`],
  run: async ({ args }, { api, screen }) => {
    await api.backfills.cancelBackfill(args);
    screen.say(`Cancelled. See what it did: dagmesh backfill show ${args.backfillId}`);
  },
});
