// `dagmesh variables set` and `delete`.
import { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, flag, optional, required, text } from '../../command.ts';
import { readSecret } from '../../stdin.ts';

export const setVariable = command({
  path: 'variables set',
  summary: 'Set a variable',
  about: 'Without a value it is read from stdin, which is where secrets belong.',
  calls: [VariableService.method.putVariable, VariableService.method.createVariable],
  args: {
    key: required('<key>', 'its key'),
    value: optional('[value]', 'its value; default: what comes from stdin'),
  },
  options: {
    isSecret: flag('--secret', 'encrypt it at rest and mask it in lists'),
    isNew: flag('--new', 'refuse to replace one (exit code 6)'),
    description: text('--description <text>', 'for people'),
  },
  examples: [
    'dagmesh variables set region eu-west-1',
    'dagmesh variables set api_key --secret < api_key.txt',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    if (options.isSecret && args.value !== undefined) {
      throw fail(
        'bad_request',
        'A secret on the command line can be seen by others; leave it out and pass it on stdin.',
      );
    }
    const variable = {
      key: args.key,
      value: args.value ?? (await readSecret(context)),
      description: options.description ?? '',
      isSecret: options.isSecret,
    };
    if (options.isNew) await api.variables.createVariable({ variable });
    else await api.variables.putVariable({ variable });
    screen.say(`Set variable ${args.key}.`);
  },
});

export const deleteVariable = command({
  path: 'variables delete',
  summary: 'Delete a variable',
  calls: [VariableService.method.deleteVariable],
  args: { key: required('<key>', 'its key') },
  examples: ['dagmesh variables delete region'],
  run: async ({ args }, { api, screen }) => {
    await api.variables.deleteVariable({ key: args.key });
    screen.say(`Deleted variable ${args.key}.`);
  },
});
