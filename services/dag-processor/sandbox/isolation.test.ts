// What is asked of the machine, and what follows when it says no.
import { describe, expect, test } from 'vitest';
import { readCommand, type Readers } from './command.ts';
import { describeIsolation, type Isolation, probeIsolation } from './isolation.ts';

const LIMITS = {
  timeMaxMs: 30_000,
  memoryMaxBytes: 512 * 1024 * 1024,
  outputMaxBytes: 1,
  answerMaxBytes: 1,
  processesMax: 32,
};

const READERS: Readers = {
  nodeProgram: '/bin/node',
  childFolder: '/child',
  compileCache: '/cache',
  pythonProgram: '/bin/python',
  pythonPackages: '/sdk/python',
};

/** A machine that refuses every command with one of these words in it. */
function aMachineWithout(words: readonly string[], { isRoot }: { isRoot: boolean }) {
  return probeIsolation({
    attempt: async (command) => !command.some((part) => words.some((word) => part.includes(word))),
    isRoot,
    root: '/dags',
    nodeReads: ['/child/parse.ts'],
    limitsResources: ['prlimit', '--core=0'],
    pythonStarts: ['python'],
  });
}

function commandOf(isolation: Isolation, language: 'typescript' | 'python' | 'yaml', slot = 1) {
  const order = { language, file: '/dags/a', root: '/dags', slot };
  return readCommand(order, READERS, isolation, LIMITS);
}

describe('a machine that permits everything', () => {
  test('reads TypeScript without network, in limits, as a user of its own', async () => {
    const isolation = await aMachineWithout([], { isRoot: true });
    expect(commandOf(isolation, 'typescript').argv.join(' ')).toBe(
      'unshare --net --pid --fork --kill-child' +
        ' prlimit --core=0 --cpu=240 --fsize=67108864 --nofile=1024 --nproc=512' +
        ' setpriv --no-new-privs' +
        ' /bin/node --max-old-space-size=384 /child/parse-typescript.ts /dags/a /dags 65301',
    );
  });

  test('reads Python with its addresses bounded', async () => {
    const isolation = await aMachineWithout([], { isRoot: true });
    expect(commandOf(isolation, 'python', 0).argv.join(' ')).toBe(
      'unshare --net --pid --fork --kill-child' +
        ' prlimit --core=0 --cpu=240 --fsize=67108864 --nofile=1024 --as=1073741824 --nproc=512' +
        ' setpriv --no-new-privs setpriv --reuid=65300 --regid=65300 --clear-groups' +
        ' /bin/python -m dagmesh.parse /dags/a --root /dags',
    );
  });
});

test('without root, namespaces are opened by a namespace of users', async () => {
  const isolation = await aMachineWithout(['--net'], { isRoot: false });
  expect(isolation.namespaces).toEqual([]);
  const permitted = await probeIsolation({
    attempt: async ([program, option]) => program !== 'unshare' || option === '--user',
    ...{ isRoot: false, root: '/dags', nodeReads: [], limitsResources: [], pythonStarts: [] },
  });
  expect(permitted.namespaces.slice(0, 3)).toEqual(['unshare', '--user', '--map-root-user']);
  expect(permitted.nodeUid).toBeUndefined();
});

test('a machine that permits nothing still reads, and says what is missing', async () => {
  const isolation = await aMachineWithout(['unshare', 'prlimit', 'setpriv', 'test'], {
    isRoot: true,
  });
  expect(commandOf(isolation, 'yaml').argv).toEqual([
    '/bin/node',
    '--max-old-space-size=384',
    '/child/parse-yaml.ts',
    '/dags/a',
    '/dags',
  ]);
  expect(describeIsolation(isolation)).toEqual({
    network: 'open',
    processes: 'own group, killed together',
    resource_limits: 'not set',
    new_privileges: 'possible',
    typescript_user: 'ours',
    python_user: 'ours',
    memory: 'not watched',
  });
});

test('a folder that no other user may read keeps all children as we are', async () => {
  const isolation = await aMachineWithout(['/dags'], { isRoot: true });
  expect(isolation).toMatchObject({ nodeUid: undefined, pythonUid: undefined });
  expect(isolation.namespaces).not.toEqual([]);
});
