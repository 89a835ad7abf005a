// What people ask of the fake metadata about backfills, assets, questions, XComs and alerts.
import { HumanInputStatus } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { BackfillAction } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import { page, refuse } from './fake-tap.ts';
import { type World, worldStart } from './fake-world.ts';

/** The RPCs of QueryService that show and put right what came of operations. */
export function operations(world: World): Partial<Handlers<typeof QueryService>> {
  return {
    listDagVersions: async ({ query }) => {
      const version = { dagFile: 'etl.ts', createdAt: worldStart, tasksCount: 3 };
      const versions = [
        { ...version, versionNumber: 2, isCurrent: true },
        { ...version, versionNumber: 1 },
      ];
      const { rows, nextPageToken } = page(versions, query);
      return { page: { versions: rows, nextPageToken } };
    },
    ...backfillQueries(world),
    ...assetQueries(world),
    ...inputQueries(world),
    ...xcomQueries(world),
    listDeadlines: async ({ query }) => {
      const { rows, nextPageToken } = page(world.deadlines, query);
      return { page: { deadlines: rows, nextPageToken } };
    },
    listSlaMisses: async ({ query }) => {
      const { rows, nextPageToken } = page(world.slaMisses, query);
      return { page: { slaMisses: rows, nextPageToken } };
    },
    listCallbacks: async ({ query }) => {
      const about = [...world.runs.values()].filter((run) => run.callbackOfRunId);
      const { rows, nextPageToken } = page(about, query);
      return { page: { runs: rows, nextPageToken } };
    },
  };
}

function backfillQueries(world: World): Partial<Handlers<typeof QueryService>> {
  const backfillOf = (backfillId: string) =>
    world.backfills.get(backfillId) ??
    refuse('backfill_not_found', `there is no backfill ${backfillId}; list the backfills`);
  return {
    listBackfills: async ({ query }) => {
      const { rows, nextPageToken } = page(world.backfills.values(), query);
      return { page: { backfills: rows, nextPageToken } };
    },
    getBackfill: async ({ query }) => ({
      answer: { status: backfillOf(query?.backfillId ?? '') },
    }),
    listBackfillDates: async ({ query }) => {
      backfillOf(query?.backfillId ?? '');
      const date = {
        ordinal: 1,
        logicalDate: worldStart,
        action: BackfillAction.CREATE,
        runId: 'backfill__1',
      };
      const dates = [{ date, runState: DagRunState.SUCCESS }];
      const { rows, nextPageToken } = page(dates, query);
      return { page: { dates: rows, nextPageToken } };
    },
  };
}

function assetQueries(world: World): Partial<Handlers<typeof QueryService>> {
  return {
    listAssets: async ({ query }) => {
      const { rows, nextPageToken } = page(world.assets.values(), query);
      return { page: { assets: rows.flatMap(({ asset }) => asset ?? []), nextPageToken } };
    },
    getAsset: async ({ query }) => {
      const { assetName = '', assetUri = '' } = query ?? {};
      const answer = [...world.assets.values()].find(
        ({ asset }) => asset?.name === assetName || asset?.uri === assetUri,
      );
      const missing = `there is no asset ${assetName || assetUri}; list the assets`;
      return { answer: answer ?? refuse('asset_not_found', missing) };
    },
    browseAssetEvents: async ({ query }) => {
      const { rows, nextPageToken } = page(world.assetEvents, query);
      return { page: { events: rows, nextPageToken } };
    },
    listQueuedEvents: async ({ query }) => {
      const { rows, nextPageToken } = page(world.queuedEvents, query);
      return { page: { events: rows, nextPageToken } };
    },
    deleteQueuedEvents: async () => {
      const deletedCount = world.queuedEvents.length;
      world.queuedEvents.length = 0;
      return { answer: { deletedCount } };
    },
  };
}

function inputQueries(world: World): Partial<Handlers<typeof QueryService>> {
  return {
    listHumanInputs: async ({ query }) => {
      const isAnswered = query?.status === HumanInputStatus.ANSWERED;
      const wanted = world.humanInputs.filter(
        ({ response }) => (response !== undefined) === isAnswered,
      );
      const { rows, nextPageToken } = page(wanted, query);
      return { page: { humanInputs: rows, nextPageToken } };
    },
    getHumanInput: async ({ query }) => {
      const taskId = query?.taskId ?? '';
      const humanInput = world.humanInputs.find((input) => input.taskId === taskId);
      if (humanInput === undefined) refuse('human_input_not_found', `${taskId} asks nothing`);
      return { answer: { humanInput } };
    },
  };
}

function xcomQueries(world: World): Partial<Handlers<typeof QueryService>> {
  const place = (query: { taskId: string; key: string } | undefined) =>
    `${query?.taskId}/${query?.key || 'return_value'}`;
  const entryOf = (name: string, value: string) => {
    const [taskId = '', key = ''] = name.split('/');
    return { taskId, key, mapIndex: -1, valueSize: Buffer.byteLength(value) };
  };
  return {
    listXComs: async ({ query }) => {
      const all = [...world.xcoms].map(([name, value]) => entryOf(name, value));
      const { rows, nextPageToken } = page(all, query);
      return { page: { xcoms: rows, nextPageToken } };
    },
    getXCom: async ({ query }) => {
      const valueJson = world.xcoms.get(place(query));
      if (valueJson === undefined) refuse('xcom_not_found', `there is no ${place(query)}`);
      return { answer: { xcom: entryOf(place(query), valueJson), valueJson } };
    },
    setXCom: async ({ query }) => {
      world.xcoms.set(place(query), query?.valueJson ?? '');
      return { answer: {} };
    },
    removeXCom: async ({ query }) => {
      if (!world.xcoms.delete(place(query))) {
        refuse('xcom_not_found', `there is no ${place(query)}; list its XComs`);
      }
      return { answer: {} };
    },
  };
}
