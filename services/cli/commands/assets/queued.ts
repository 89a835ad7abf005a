// `dagmesh assets queued`: updates that await a DAG's further assets, to see or to forget.
import { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { type AssetEvent, AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { command, flag, required, text } from '../../command.ts';
import type { Context } from '../../context.ts';
import { toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { previewed, previewOptions } from '../../preview.ts';
import { showList } from '../../screen.ts';
import { eventColumns } from './columns.ts';

export const queuedEvents = command({
  path: 'assets queued',
  summary: "List updates that await a DAG's further assets",
  about: 'They start a run together with the updates that are still missing: dagmesh dags explain',
  calls: [AssetService.method.listQueuedEvents, AssetService.method.deleteQueuedEvents],
  args: { dagId: required('<dag-id>', 'the DAG') },
  options: {
    assetName: text('--asset <name>', 'only of this asset'),
    delete: flag('--delete', 'forget them: they start no run; asks first'),
    ...previewOptions,
    limit: limitOption,
  },
  examples: [
    'dagmesh assets queued seattle_report',
    'dagmesh assets queued seattle_report --asset weather --delete --yes',
  ],
  run: async ({ args, options }, context) => {
    const queue = { dagId: args.dagId, assetName: options.assetName ?? '' };
    const read = () => readQueue(context, queue, options.limit);
    if (!options.delete) {
      show(context, queue.dagId, await read());
      return;
    }
    return previewed(context, {
      options,
      call: async (dryRun) => {
        const events = await read();
        if (!dryRun) await context.api.assets.deleteQueuedEvents(queue);
        return events;
      },
      show: (events) => show(context, queue.dagId, events),
      lines: (events) => events.map((event) => `${event.assetName} ${event.id}`),
      count: (events) => events.length,
      question: ({ length }) => `Forget these ${length} updates?`,
      done: () => `Forgotten. What ${queue.dagId} waits for: dagmesh dags explain ${queue.dagId}`,
      nothing: 'Nothing was changed: there is no such update.',
    });
  },
});

function readQueue(
  { api, screen }: Context,
  queue: { readonly dagId: string; readonly assetName: string },
  limit: number,
): Promise<readonly AssetEvent[]> {
  return collectRows({
    limit,
    screen,
    fetch: (page) => api.assets.listQueuedEvents({ ...page, ...queue }),
    rowsOf: (page) => page.events,
  });
}

function show({ screen, clock }: Context, dagId: string, rows: readonly AssetEvent[]): void {
  showList(screen, {
    rows,
    plain: (event) => toPlain(AssetEventSchema, event),
    columns: eventColumns(clock.nowMs()),
    empty: `Nothing awaits ${dagId}. What it waits for: dagmesh dags explain ${dagId}`,
  });
}
