// Builds the command line out of the list of commands.
import { Command, Option } from 'commander';
import type { Action, RegisteredCommand } from './command.ts';
import { EXIT_CODES_HELP } from './core/exit-code.ts';
import { FORMATS, type Format } from './screen.ts';

/** Options that every command takes. */
export type GlobalOptions = {
  readonly output: Format;
  /** The short way to say `--output json`. */
  readonly json?: boolean;
  readonly api?: string;
  readonly tokenFile?: string;
  /** False after --no-color. */
  readonly color: boolean;
};

/** What the words between `dagmesh` and the last word are about, in the order of --help. */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ['dags', 'DAGs: what there is to run'],
  ['runs', 'Runs of DAGs'],
  ['tasks', 'Tasks of runs, and their logs'],
  ['xcom', 'Values that tasks hand to one another'],
  ['inputs', 'Questions that tasks ask people'],
  ['backfill', 'Runs of a DAG for a range of dates'],
  ['assets', 'Data that tasks make and DAGs wait for'],
  ['alerts', 'Promises that were broken, and who was told'],
  ['connections', 'Where outside systems are and how to get in'],
  ['variables', 'Values that DAGs and people share'],
  ['pools', 'Slots that tasks share'],
  ['keys', 'Limits that tasks of a DAG name'],
  ['workers', 'The programs that run tasks'],
  ['auth', 'Who one is, and API tokens'],
  ['auth token', 'API tokens'],
]);

/** The command line; `perform` runs the command that was called. */
export function buildProgram(
  commands: readonly RegisteredCommand[],
  perform: (action: Action, options: GlobalOptions) => Promise<void>,
): Command {
  const program = new Command('dagmesh')
    .description('DagMesh: workflows as a mesh of services, with workers in any language.')
    .addOption(
      new Option('-o, --output <format>', 'how data is shown').choices(FORMATS).default('table'),
    )
    .option('--json', 'the same as -o json')
    .option('--api <url>', 'where the api is (DAGMESH_API; default http://127.0.0.1:7100)')
    .option('--token-file <path>', 'file with the API token (or DAGMESH_TOKEN)')
    .option('--no-color', 'no colour, also with NO_COLOR')
    .addHelpText('after', `\n${EXIT_CODES_HELP}\n\nStart with: dagmesh standalone`)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see what there is: dagmesh --help)')
    .showSuggestionAfterError()
    .exitOverride();
  const groups = new Map<string, Command>([['', program]]);
  for (const command of commands) {
    command.mount(groupOf(command.path, groups), (action, self) =>
      perform(action, self.optsWithGlobals<GlobalOptions>()),
    );
  }
  return program;
}

/** The command above another one, `auth token` of `auth token create`; made when first needed. */
function groupOf(path: string, groups: Map<string, Command>): Command {
  const name = path.split(' ').slice(0, -1).join(' ');
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = groupOf(name, groups).command(name.split(' ').at(-1) ?? name);
  group.description(GROUPS.get(name) ?? '');
  group.showHelpAfterError(`(see what there is: dagmesh ${name} --help)`);
  groups.set(name, group);
  return group;
}
