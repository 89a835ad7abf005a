// `dagmesh xcom set` and `delete`: put right what a finished task handed on.
import { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { command, optional } from '../../command.ts';
import { parseJson } from '../../core/arguments.ts';
import { readSecret } from '../../stdin.ts';
import { resolveRunId } from '../runs/latest.ts';
import { mapIndexOption, targetArguments } from '../tasks/target.ts';
import { keyOption } from './key.ts';

export const setXCom = command({
  path: 'xcom set',
  summary: 'Add or replace an XCom of a finished task',
  about: `Without a value it is read from stdin. Exit code 6 while the task runs.
Tasks that have read the old value are not run again by this: dagmesh tasks clear`,
  calls: [XComService.method.setXCom],
  args: {
    ...targetArguments,
    value: optional('[json]', 'its value, as JSON; default: what comes from stdin'),
  },
  options: { key: keyOption, mapIndex: mapIndexOption },
  examples: [
    `dagmesh xcom set seattle_weather latest extract '{"rows": 1461}'`,
    'dagmesh xcom set seattle_weather latest extract --key path < path.json',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const { value, ...target } = args;
    const { key = '', mapIndex } = options;
    const valueJson = parseJson(value ?? (await readSecret(context)));
    const runId = await resolveRunId(api, args);
    await api.xcoms.setXCom({ ...target, runId, key, mapIndex, valueJson });
    // Shells would take brackets for a pattern of file names.
    const instance = mapIndex === undefined ? args.taskId : `'${args.taskId}[${mapIndex}]'`;
    const next = `dagmesh tasks clear ${args.dagId} ${runId} ${instance} --downstream`;
    screen.say(`Set. What depends on it is not run again by this; to do so: ${next}`);
  },
});

export const deleteXCom = command({
  path: 'xcom delete',
  summary: 'Delete an XCom of a finished task',
  about: 'Exit code 6 while the task runs.',
  calls: [XComService.method.deleteXCom],
  args: targetArguments,
  options: { key: keyOption, mapIndex: mapIndexOption },
  examples: ['dagmesh xcom delete seattle_weather latest extract --key path'],
  run: async ({ args, options }, { api, screen }) => {
    const { key = '', mapIndex } = options;
    const runId = await resolveRunId(api, args);
    await api.xcoms.deleteXCom({ ...args, runId, key, mapIndex });
    screen.say(`Deleted ${key || 'return_value'} of ${args.taskId} in ${runId}.`);
  },
});
