// `dagmesh standalone`, `dagmesh scheduler` and the like: become one of the services.
import { serviceNodeFlags } from '../../../../deploy/launch/service-flags.mjs';
import { join } from 'node:path';
import { command, rest } from '../../command.ts';
import { REPOSITORY } from '../../config.ts';
import { runProgram } from './program.ts';

/** The services by name, with what they are for. */
const SERVICES = [
  ['standalone', 'Start everything in one place: services, database, workers'],
  ['metadata', 'Start a metadata service: owns PostgreSQL'],
  ['scheduler', 'Start a scheduler: decides what runs'],
  ['executor', 'Start an executor: gets work to workers'],
  ['triggerer', 'Start a triggerer: waits for deferred tasks'],
  ['dag-processor', 'Start a dag-processor: reads DAG files'],
  ['api', 'Start an api: the public door'],
] as const;

/** One command for each service. */
export const startServices = SERVICES.map(([name, summary]) =>
  command({
    path: name,
    summary,
    about: `Runs services/${name}/main.ts until interrupted. It is configured by the environment.`,
    args: { args: rest('[args...]', 'options of the service itself') },
    isOpen: true,
    examples: [`dagmesh ${name}`],
    run: ({ args }, { screen }) => {
      const script = join(REPOSITORY, 'services', name, 'main.ts');
      const program = [...serviceNodeFlags, script, ...args.args];
      return runProgram({ command: process.execPath, args: program }, screen.say);
    },
  }),
);
