// `dagmesh inputs show`: one question with all there is to know before answering.
import {
  GetHumanInputResponseSchema,
  type HumanInput,
  HumanInputService,
} from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command } from '../../command.ts';
import { visible, visibleLines } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { drawPairs } from '../../core/table.ts';
import { localIso } from '../../core/when.ts';
import { showOne } from '../../screen.ts';
import { resolveRunId } from '../runs/latest.ts';
import { mapIndexOption, targetArguments, targetWords } from '../tasks/target.ts';

export const showInput = command({
  path: 'inputs show',
  summary: 'Show the question of a task',
  calls: [HumanInputService.method.getHumanInput],
  args: targetArguments,
  options: { mapIndex: mapIndexOption },
  examples: ['dagmesh inputs show seattle_weather latest approve'],
  run: async ({ args, options }, { api, screen }) => {
    const runId = await resolveRunId(api, args);
    const answer = await api.humanInputs.getHumanInput({ ...args, ...options, runId });
    const { humanInput } = answer;
    if (humanInput === undefined) return;
    showOne(screen, toPlain(GetHumanInputResponseSchema, answer), () => describeInput(humanInput));
    if (humanInput.response === undefined) {
      const form = hasForm(humanInput) ? " --params '<the form as JSON>'" : '';
      const target = targetWords({ ...args, runId }, options.mapIndex);
      screen.say(`Answer it: dagmesh inputs respond ${target} --option '<option>'${form}`);
    }
  },
});

function hasForm({ question }: HumanInput): boolean {
  return question !== undefined && question.paramsSchemaJson + question.paramsJson !== '';
}

function describeInput({ question, response, askedAt, expiresAt }: HumanInput): string {
  const expires = localIso(fromTimestamp(expiresAt)) || 'never';
  const facts = drawPairs([
    ['question', visible(question?.subject ?? '')],
    ['options', visible(question?.options.join(', ') ?? '')],
    ['several', question?.isMultiple ? 'may be chosen' : undefined],
    ['defaults', visible(question?.defaults.join(', ') ?? '')],
    ['form', visible(question?.paramsJson ?? '')],
    ['form schema', visible(question?.paramsSchemaJson ?? '')],
    ['assigned', visible(question?.assignedUsers.join(', ') ?? '')],
    ['asked', localIso(fromTimestamp(askedAt))],
    ['expires', response === undefined ? expires : undefined],
    ['answer', visible(response?.chosenOptions.join(', ') ?? '')],
    ['filled in', visible(response?.paramsJson ?? '')],
    ['answered by', visible(response?.respondedBy ?? '')],
    ['answered', localIso(fromTimestamp(response?.respondedAt))],
  ]);
  const body = question?.body ?? '';
  return body === '' ? facts : `${facts}\n\n${visibleLines(body)}`;
}
