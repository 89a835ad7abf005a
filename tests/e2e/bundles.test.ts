// DAGs out of a git repository, on both forms of the system: commits come while runs are under way.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { ImportErrorService } from '#gen/dagmesh/api/v1/import_error_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  createTestRepository,
  type TestRepository,
} from '../../services/dag-processor/test-repository.ts';
import {
  finish,
  returnValue,
  runDag,
  type RunRef,
  taskInstances,
  taskStates,
  trigger,
  waitForDag,
} from '../kit/flow.ts';
import { fastTimings, type MeshOptions, ownDags, readIfThere } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';

/** A DAG whose task `tell` tells the version of a module beside it, once a file is there. */
function flow(gate: string, more = ''): string {
  return `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { chain, dag } from '@dagmesh/sdk';
import { version } from './lib/version.ts';

export const flow = dag('flow', {}, (d) => {
  const gate = d.task('gate', async () => {
    while (!existsSync('${gate}')) await setTimeout(20);
  });
  chain(gate, d.task('tell', () => version));
${more}});
`;
}

/** A DAG in Python whose task tells the rate of a module beside it. */
const PRICES = `from dagmesh import DAG, task
from rates import RATE

with DAG('prices'):

    @task
    def price():
        return RATE

    price()
`;

function oneTask(dagId: string, result: string): string {
  return `import { dag } from '@dagmesh/sdk';
export const it = dag('${dagId}', {}, (d) => {
  d.task('${result}', () => '${result}');
});
`;
}

describe.each(modes)('on %s', { timeout: 120_000 }, (mode) => {
  let checkouts: string;
  let gate: string;
  let repository: TestRepository;

  const plan = (folder: string): MeshOptions => {
    checkouts = join(folder, 'checkouts');
    gate = join(folder, 'open');
    repository = createTestRepository(join(folder, 'origin'));
    repository.commit({
      'flow.ts': flow(gate),
      'lib/version.ts': `export const version = 'one';\n`,
      'prices.py': PRICES,
      'rates.py': 'RATE = 1\n',
      'steady.ts': oneTask('steady', 'same'),
      'changing.ts': oneTask('changing', 'first'),
      'leaving.ts': oneTask('leaving', 'here'),
    });
    const url = `file://${repository.root}`;
    const bundle = { name: 'team', kind: 'git', url, refresh_seconds: 1 };
    return {
      mode,
      dagsFolder: ownDags(folder),
      workers: [{ language: 'typescript' }, { language: 'python' }],
      env: {
        ...fastTimings,
        DAGMESH_DAG_BUNDLES: JSON.stringify([bundle]),
        DAGMESH_BUNDLES_FOLDER: checkouts,
        DAGMESH_BUNDLE_CHECK_MS: '200',
      },
    };
  };
  const mesh = useMesh(plan, (started) => waitForDag(started, 'flow'));

  const newest = async (dagId: string) =>
    (await mesh.client(DagService).getDag({ dagId })).dag?.versionNumber ?? 0;

  /** Commits, and waits until the DAG has a version after the one it had. */
  const commitAnother = async (dagId: string, files: Readonly<Record<string, string>>) => {
    await waitForDag(mesh, dagId);
    const before = await newest(dagId);
    const commit = repository.commit(files);
    await eventually(async () => (await newest(dagId)) > before, {
      deadlineMs: 60_000,
      what: () => `${dagId} has a new version\n${mesh.tails()}`,
    });
    return commit;
  };

  const versionsOf = async (dagId: string) =>
    (await mesh.client(DagService).listDagVersions({ dagId })).versions;

  /** A run in the newest version; the scheduler hears of it a moment after the catalog has it. */
  const runNewest = (dagId: string) =>
    eventuallyGives(
      async () => {
        const ended = await runDag(mesh, dagId);
        const { run } = await mesh.client(DagRunService).getDagRun(ended);
        const [version] = await versionsOf(dagId);
        return run?.dagVersionId === version?.dagVersionId ? ended : undefined;
      },
      { deadlineMs: 60_000, what: () => `${dagId} runs in its new version\n${mesh.tails()}` },
    );

  /** The commit whose files a run's tasks use. */
  const commitOf = async (of: RunRef) => {
    const { run } = await mesh.client(DagRunService).getDagRun(of);
    const versions = await versionsOf(of.dagId);
    return versions.find((each) => each.dagVersionId === run?.dagVersionId)?.bundleVersion;
  };

  const clear = async (run: RunRef, how: { readonly runOnLatestVersion?: boolean } = {}) => {
    await mesh.client(TaskInstanceService).clearTaskInstances({ selection: run, ...how });
    await finish(mesh, run, 40_000);
  };

  const told = (of: RunRef) => returnValue(mesh, { ...of, taskId: 'tell' });

  const importErrorOf = async (dagFile: string) => {
    const { importErrors } = await mesh.client(ImportErrorService).listImportErrors({});
    return importErrors.find((each) => each.dagFile === dagFile)?.message;
  };

  const openGate = () => writeFileSync(gate, '');
  const isWaiting = async (of: RunRef) => {
    const states = await taskInstances(mesh, of);
    return states.some(
      ({ taskId, state }) => taskId === 'gate' && state === TaskInstanceState.RUNNING,
    );
  };

  describe('a run that was under way when a commit came', () => {
    let first: RunRef;
    let oldCommit: string;
    let newCommit: string;

    beforeAll(async () => {
      oldCommit = repository.git('rev-parse', 'HEAD');
      first = await trigger(mesh, 'flow');
      await eventually(() => isWaiting(first), { deadlineMs: 60_000, what: 'the gate waits' });
      newCommit = await commitAnother('flow', {
        'flow.ts': flow(gate, `  d.task('more', () => version);\n`),
        'lib/version.ts': `export const version = 'two';\n`,
      });
      openGate();
      await finish(mesh, first);
    });

    test('ends with the tasks and the code that it began with', async () => {
      expect(await taskStates(mesh, first)).toEqual({ gate: 'SUCCESS', tell: 'SUCCESS' });
      expect(await told(first)).toBe('one');
      expect(await commitOf(first)).toBe(oldCommit);
    });

    test('is followed by one with the new tasks and the new code', async () => {
      const next = await runNewest('flow');
      expect(await taskStates(mesh, next)).toEqual({
        ...{ gate: 'SUCCESS', tell: 'SUCCESS', more: 'SUCCESS' },
      });
      expect(await told(next)).toBe('two');
      expect(await commitOf(next)).toBe(newCommit);
    });

    test('runs its own code again when it is cleared, even if that has to be fetched anew', async () => {
      rmSync(join(checkouts, 'team', oldCommit), { recursive: true });
      await clear(first);
      expect(await told(first)).toBe('one');
      expect(await taskStates(mesh, first)).not.toHaveProperty('more');
    });

    test('runs the newest code when it is cleared so', async () => {
      await clear(first, { runOnLatestVersion: true });
      expect(await told(first)).toBe('two');
      expect(await taskStates(mesh, first)).toMatchObject({ more: 'SUCCESS' });
      expect(await commitOf(first)).toBe(newCommit);
    });
  });

  test('Python tasks run the code of their commit, too', async () => {
    const price = (of: RunRef) => returnValue(mesh, { ...of, taskId: 'price' });
    const before = await runDag(mesh, 'prices');
    expect(await price(before)).toBe(1);
    await commitAnother('prices', { 'rates.py': 'RATE = 2\n' });
    expect(await price(await runNewest('prices'))).toBe(2);
    await clear(before);
    expect(await price(before)).toBe(1);
  });

  test('a commit is a new version of the DAGs that it changes, and of no others', async () => {
    // All may use a query, so that its commit is the newest version of all.
    const commit = repository.commit({ 'query.sql': 'select 1' });
    const commits = async () => (await versionsOf('steady')).map((each) => each.bundleVersion);
    await eventually(async () => (await commits()).includes(commit), {
      ...{ deadlineMs: 60_000, what: 'the DAG has the commit' },
    });
    const before = await newest('steady');
    await commitAnother('changing', { 'changing.ts': oneTask('changing', 'second') });
    const after = await runDag(mesh, 'steady');
    expect(await newest('steady')).toBe(before);
    expect(await commitOf(after)).toBe(commit);
    expect(await taskStates(mesh, await runNewest('changing'))).toEqual({ second: 'SUCCESS' });
  });

  test('a bad commit is an import error of its file; its DAGs go on as they were', async () => {
    repository.commit({ 'changing.ts': `${oneTask('changing', 'third')}const x = ;\n` });
    const message = await eventuallyGives(() => importErrorOf('team://changing.ts'), {
      ...{ deadlineMs: 60_000, what: 'the file has an import error' },
    });
    expect(message).toMatch(/changing\.ts:5: /);
    expect((await runDag(mesh, 'changing')).state).toBe('SUCCESS');
    expect((await runDag(mesh, 'steady')).state).toBe('SUCCESS');
    const mended = oneTask('changing', 'mended');
    await commitAnother('changing', { 'changing.ts': mended });
    expect(await importErrorOf('team://changing.ts')).toBeUndefined();
  });

  test('a commit that deletes a file takes its DAGs out of service', async () => {
    await waitForDag(mesh, 'leaving');
    repository.git('rm', '--quiet', 'leaving.ts');
    repository.commit({});
    const isListed = async () => {
      const { dags } = await mesh.client(DagService).listDags({});
      return dags.some(({ dagId }) => dagId === 'leaving');
    };
    await eventually(async () => !(await isListed()), {
      deadlineMs: 60_000,
      what: 'the DAG is no longer listed',
    });
  });

  test('while the repository is away all goes on, the log says so, and then it catches up', async () => {
    const away = `${repository.root}-away`;
    const logFile = mode === 'mesh' ? 'dag-processor.log' : join('home', 'standalone.log');
    renameSync(repository.root, away);
    await eventually(
      () =>
        readIfThere(join(mesh.folder, logFile))?.includes('bundle cannot be refreshed') ?? false,
      { deadlineMs: 60_000, what: 'the log says that the repository is away' },
    );
    const of = await runDag(mesh, 'steady');
    expect(of.state).toBe('SUCCESS');
    renameSync(away, repository.root);
    await commitAnother('steady', { 'steady.ts': oneTask('steady', 'back') });
  });
});
