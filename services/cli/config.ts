// What the command line takes from the environment.
import { fileURLToPath } from 'node:url';
import { type ConfigOf, optionalText, text } from '#kernel/config/config.ts';

/** Where the repository is: its `.dagmesh` is the data folder of `dagmesh standalone`. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** The variables, each with its reason. */
export const cliConfig = {
  apiUrl: optionalText('DAGMESH_API', { why: 'URL of the api, e.g. http://127.0.0.1:7100.' }),
  token: optionalText('DAGMESH_TOKEN', { secret: true, why: 'The API token to sign in with.' }),
  home: text('DAGMESH_HOME', {
    default: `${REPOSITORY}.dagmesh`,
    why: 'The data folder of `dagmesh standalone`; its admin.token is used when no other is given.',
  }),
  noColor: optionalText('NO_COLOR', { why: 'Any value turns colour off (see no-color.org).' }),
  debug: optionalText('DAGMESH_DEBUG', { why: 'Any value shows the stack of an error.' }),
} as const;

/** The values. */
export type CliConfig = ConfigOf<typeof cliConfig>;
