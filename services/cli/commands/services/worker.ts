// `dagmesh worker`: start a worker in a language that has an SDK here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../../deploy/launch/cache.mjs';
import { workerNodeFlags } from '../../../../deploy/launch/service-flags.mjs';
import { type ConfigOf, optionalText, readConfig } from '#kernel/config/config.ts';
import { command, defaulted, parsed, text } from '../../command.ts';
import { cliConfig, REPOSITORY } from '../../config.ts';
import { parseChoice, parseWhole } from '../../core/arguments.ts';
import { readStandalone } from '../../standalone.ts';
import { runProgram } from './program.ts';

const workerConfig = {
  home: cliConfig.home,
  python: optionalText('DAGMESH_PYTHON', { why: 'The Python that runs Python workers.' }),
  token: optionalText('DAGMESH_WORKER_TOKEN', { secret: true, why: 'What a worker enrols with.' }),
} as const;

type WorkerConfig = ConfigOf<typeof workerConfig>;

/** Where `npm start` puts the Python packages that a Python worker needs. */
const PYTHON = join(cacheFolder, 'python', 'bin', 'python');

type Language = 'typescript' | 'python';
const LANGUAGES = new Map<string, Language>([
  ['typescript', 'typescript'],
  ['python', 'python'],
]);

export const startWorker = command({
  path: 'worker',
  summary: 'Start a worker: runs tasks',
  about:
    'Needs DAGMESH_EXECUTOR_ADDRESS and DAGMESH_WORKER_TOKEN; beside a standalone both are known.',
  options: {
    language: defaulted('--language <language>', [...LANGUAGES.keys()].join(' or '), {
      parse: parseChoice(LANGUAGES),
      otherwise: 'typescript' as Language,
    }),
    queues: text('--queues <names>', 'the queues it serves, with commas between'),
    slots: parsed('--slots <count>', 'tasks at once', parseWhole({ min: 1, max: 10_000 })),
    id: text('--id <worker-id>', 'its id; default one of its own making'),
    dags: text('--dags <folder>', 'the folder of DAG files'),
  },
  examples: ['dagmesh worker', 'dagmesh worker --language python --queues python,etl --slots 4'],
  run: ({ options }, { screen }) => {
    const config = readConfig<WorkerConfig>(workerConfig);
    const door = config.token === undefined ? readStandalone(config.home)?.workerDoor : undefined;
    const env = {
      DAGMESH_EXECUTOR_ADDRESS: door?.address,
      DAGMESH_EXECUTOR_HTTP_URL: door?.httpUrl,
      DAGMESH_WORKER_TOKEN: door?.token,
      DAGMESH_WORKER_QUEUES: options.queues,
      DAGMESH_WORKER_SLOTS: options.slots?.toString(),
      DAGMESH_WORKER_ID: options.id,
      DAGMESH_DAGS_FOLDER: options.dags,
    };
    return runProgram(
      options.language === 'python'
        ? pythonWorker(config.python, env)
        : { command: process.execPath, args: [...workerNodeFlags, TYPESCRIPT_WORKER], env },
      screen.say,
    );
  },
});

const TYPESCRIPT_WORKER = join(REPOSITORY, 'sdk', 'typescript', 'src', 'worker', 'main.ts');

function pythonWorker(
  python: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
) {
  const command = python ?? (existsSync(PYTHON) ? PYTHON : 'python3');
  const PYTHONPATH = join(REPOSITORY, 'sdk', 'python');
  return { command, args: ['-m', 'dagmesh.worker'], env: { PYTHONPATH, ...env } };
}
