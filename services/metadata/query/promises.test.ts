// What waits for people, what they answered, and the promises that were not kept.
import { beforeAll, describe, expect, test } from 'vitest';
import { HumanInputStatus } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { aRun, aTaskInstance, refusal, storeDag } from '../testing/builders.ts';
import { useMetadata } from '../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

beforeAll(async () => {
  await storeDag(metadata, { dagId: 'etl' });
});
const query = () => metadata.as('api', QueryService);
const day = (date: number) => toTimestamp(Date.UTC(2026, 0, date));

describe('questions to people', () => {
  const ask = (runId: string, assignedUsers: string[], subject: string) => {
    const run = aRun({ runId });
    const instance = aTaskInstance({
      dagRunId: run.id,
      taskId: 'approve',
      state: TaskInstanceState.AWAITING_INPUT,
      wait: {
        waitId: uuidV7(),
        humanInput: { subject, options: ['yes', 'no'], assignedUsers },
        since: day(1),
      },
    });
    return { run, instance };
  };

  test('are listed for those who may answer, whatever they say', async () => {
    const asked = [
      ask('all_may', [], 'Publish?'),
      ask('ada_may', ['ada'], 'Really?'),
      ask('odd', ['ada'], 'a \0 subject'),
    ];
    await scheduler.commit({
      newRuns: asked.map(({ run }) => run),
      newTaskInstances: asked.map(({ instance }) => instance),
    });
    const runsFor = async (assignedUser: string) => {
      const { page } = await query().listHumanInputs({ query: { dagId: 'etl', assignedUser } });
      return page?.humanInputs.map(({ runId }) => runId).toSorted();
    };
    expect(await runsFor('')).toEqual(['ada_may', 'all_may', 'odd']);
    expect(await runsFor('ada')).toEqual(['ada_may', 'all_may', 'odd']);
    expect(await runsFor('bob')).toEqual(['all_may', 'odd']);
    const place = { dagId: 'etl', runId: 'ada_may', taskId: 'approve' };
    const { answer } = await query().getHumanInput({ query: place });
    expect(answer?.humanInput).toMatchObject({
      question: { subject: 'Really?', options: ['yes', 'no'] },
      askedAt: { seconds: day(1).seconds },
      state: TaskInstanceState.AWAITING_INPUT,
    });
  });

  test('that a task never asked are not found', async () => {
    const run = aRun();
    const instance = aTaskInstance({ dagRunId: run.id });
    await scheduler.commit({ newRuns: [run], newTaskInstances: [instance] });
    const place = { dagId: 'etl', runId: run.runId, taskId: instance.taskId };
    expect(await refusal(query().getHumanInput({ query: place }))).toBe('human_input_not_found');
  });

  test('are shown with their form and their answer once the task has gone on', async () => {
    const run = aRun({ runId: 'went_on' });
    const instance = aTaskInstance({ dagRunId: run.id, taskId: 'approve' });
    const details = (subject: string) =>
      JSON.stringify({
        task_id: 'approve',
        chosen_options: ['yes'],
        params_json: '{"rows":3}',
        question: { subject, options: ['yes', 'no'], paramsJson: '{"rows":1}' },
        asked_at_ms: Date.UTC(2026, 0, 1),
      });
    const entry = { action: 'respond_human_input', dagId: 'etl', runId: run.runId };
    await scheduler.commit({
      newRuns: [run],
      newTaskInstances: [instance],
      auditEntries: [
        { ...entry, actor: 'cyd', detailsJson: details('First?') },
        { ...entry, actor: 'bob', detailsJson: details('Publish?') },
        {
          ...entry,
          actor: 'eve',
          detailsJson: JSON.stringify({ task_id: 'approve[1]', chosen_options: [] }),
        },
      ],
    });
    const place = { dagId: 'etl', runId: run.runId, taskId: 'approve' };
    const { answer } = await query().getHumanInput({ query: place });
    expect(answer?.humanInput).toMatchObject({
      question: { subject: 'Publish?', options: ['yes', 'no'], paramsJson: '{"rows":1}' },
      askedAt: { seconds: day(1).seconds },
      response: { chosenOptions: ['yes'], paramsJson: '{"rows":3}', respondedBy: 'bob' },
    });
  });

  test('are remembered with who answered what', async () => {
    const details = JSON.stringify({ task_id: 'approve[3]', chosen_options: ['yes', 'no'] });
    const entry = { action: 'respond_human_input', dagId: 'etl', detailsJson: details };
    await scheduler.commit({ auditEntries: [{ ...entry, actor: 'ada', runId: 'all_may' }] });
    const asked = { dagId: 'etl', status: HumanInputStatus.ANSWERED, assignedUser: 'ada' };
    const { page } = await query().listHumanInputs({ query: asked });
    expect(page?.humanInputs).toMatchObject([
      {
        runId: 'all_may',
        taskId: 'approve',
        mapIndex: 3,
        response: { chosenOptions: ['yes', 'no'], respondedBy: 'ada' },
      },
    ]);
  });
});

describe('promises', () => {
  test('are listed latest first, missed ones alone if wished', async () => {
    const run = aRun({ runId: 'promised' });
    const deadline = (date: number, missedAt?: ReturnType<typeof day>) => ({
      deadlineId: uuidV7(),
      dagRunId: run.id,
      dagId: 'etl',
      name: `by ${date}`,
      dueAt: day(date),
      ...(missedAt === undefined ? {} : { missedAt }),
    });
    const deadlines = [deadline(5, day(6)), deadline(7), deadline(6, day(7))];
    await scheduler.commit({ newRuns: [run], deadlines });
    const names = async (filter: object) => {
      const { page } = await query().listDeadlines({ query: { dagId: 'etl', ...filter } });
      return page?.deadlines.map(({ name }) => name);
    };
    expect(await names({})).toEqual(['by 7', 'by 6', 'by 5']);
    expect(await names({ onlyMissed: true, runId: 'promised' })).toEqual(['by 6', 'by 5']);
    const first = await query().listDeadlines({ query: { dagId: 'etl', pageSize: 1 } });
    const pageToken = first.page?.nextPageToken ?? '';
    expect(await names({ pageSize: 1, pageToken })).toEqual(['by 6']);
  });

  test('about tasks are listed as well', async () => {
    const run = aRun({ runId: 'late' });
    const instance = aTaskInstance({ dagRunId: run.id });
    const miss = { taskInstanceId: instance.id, dagRunId: run.id, dagId: 'etl', mapIndex: -1 };
    await scheduler.commit({
      newRuns: [run],
      newTaskInstances: [instance],
      slaMisses: [{ ...miss, taskId: 'extract', dueAt: day(1), missedAt: day(2) }],
    });
    const { page } = await query().listSlaMisses({ query: { dagId: 'etl', taskId: 'extract' } });
    expect(page?.slaMisses).toMatchObject([{ runId: 'late', taskId: 'extract', mapIndex: -1 }]);
    const others = await query().listSlaMisses({ query: { dagId: 'etl', taskId: 'load.a' } });
    expect(others.page?.slaMisses).toEqual([]);
  });
});
