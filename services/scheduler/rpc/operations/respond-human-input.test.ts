// RespondHumanInput from outside: who is heard, and which answers are none.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { lease, taskIdsOf, trigger } from '../../testing/executor.ts';
import { aDag, aTask } from '../../testing/specs.ts';
import { createWorld, type TestScheduler, type World } from '../../testing/world.ts';

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  const form = '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}';
  const paramsJson = '{"why":"gaps"}';
  const humanInput = { subject: 'go?', options: ['yes', 'no'], paramsSchemaJson: form, paramsJson };
  world.metadata.putDag(aDag('asks', [aTask('ask', [], { humanInput }), aTask('after', ['ask'])]));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  return reasonOf(await work.catch((error: unknown) => error));
}

const answer = (runId: string, actor: string, option = 'yes', paramsJson = '{"n":1}') =>
  scheduler.client.respondHumanInput({
    ...{ dagId: 'asks', runId, taskId: 'ask', actor },
    response: { chosenOptions: [option], paramsJson },
  });

test('a question that several answer at once has the answer of the first', async () => {
  const runId = await trigger(scheduler, 'asks');
  const answers = [answer(runId, 'ann', 'yes'), answer(runId, 'bob', 'no')];
  const reasons = await Promise.all(answers.map(refusal));
  expect(reasons).toEqual([undefined, 'not_awaiting_input']);
  const { audits } = world.metadata.tables;
  const told = audits.filter(({ action }) => action === 'respond_human_input');
  expect(told.map(({ actor }) => actor)).toEqual(['ann']);
  expect(taskIdsOf(await lease(scheduler, 9))).toContain('after');
});

test('what was asked and filled in is kept beside the answer', async () => {
  const runId = await trigger(scheduler, 'asks');
  await answer(runId, 'ann');
  const { audits } = world.metadata.tables;
  const told = audits.find(({ action }) => action === 'respond_human_input');
  const details = JSON.parse(told?.detailsJson ?? '{}');
  expect(details).toMatchObject({
    ...{ task_id: 'ask', chosen_options: ['yes'], asked_at_ms: expect.any(Number) },
    question: { subject: 'go?', options: ['yes', 'no'], paramsJson: '{"why":"gaps"}' },
  });
  expect(JSON.parse(details.params_json)).toEqual({ why: 'gaps', n: 1 });
});

test.each([
  ['an option that there is not', 'maybe', '{"n":1}'],
  ['a form that is no JSON', 'yes', '{'],
  ['a form that is no object', 'yes', '[]'],
  ['a form without what it needs', 'yes', ''],
  ['a form with a wrong value', 'yes', '{"n":"one"}'],
])('a question is not answered by %s', async (_, option, paramsJson) => {
  const runId = await trigger(scheduler, 'asks');
  const commitsCount = world.metadata.commits.length;
  expect(await refusal(answer(runId, 'ann', option, paramsJson))).toBe('bad_answer');
  expect(world.metadata.commits).toHaveLength(commitsCount);
  expect(await refusal(answer(runId, 'ann'))).toBeUndefined();
});
