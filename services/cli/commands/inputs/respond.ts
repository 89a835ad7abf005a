// `dagmesh inputs respond`: answer the question of a task.
import { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, parsed, repeated } from '../../command.ts';
import { parseJsonObject } from '../../core/arguments.ts';
import { resolveRunId } from '../runs/latest.ts';
import { mapIndexOption, targetArguments, targetWords } from '../tasks/target.ts';

export const respondInput = command({
  path: 'inputs respond',
  summary: 'Answer the question of a task',
  about: 'Exit code 6 when it was answered already, 4 when it is for others.',
  calls: [HumanInputService.method.respondHumanInput],
  args: targetArguments,
  options: {
    chosen: repeated('--option <option>', 'what is chosen; several times where that is asked'),
    params: parsed('--params <json>', 'the form as it is filled in: an object', parseJsonObject),
    mapIndex: mapIndexOption,
  },
  examples: [
    'dagmesh inputs respond seattle_weather latest approve --option Approve',
    `dagmesh inputs respond etl latest approve --option Reject --params '{"why": "gaps"}'`,
  ],
  run: async ({ args, options }, { api, screen }) => {
    const { chosen, params = '', mapIndex } = options;
    if (chosen.length === 0) {
      const target = targetWords(args, mapIndex);
      throw fail(
        'bad_request',
        `Say what is chosen with --option; what there is: dagmesh inputs show ${target}`,
      );
    }
    const runId = await resolveRunId(api, args);
    await api.humanInputs.respondHumanInput({
      ...args,
      runId,
      mapIndex,
      chosenOptions: [...chosen],
      paramsJson: params,
    });
    const next = `dagmesh tasks show ${targetWords({ ...args, runId }, mapIndex)}`;
    screen.say(`Answered. See how the task goes on: ${next}`);
  },
});
