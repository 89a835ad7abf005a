// DAG files come, change, break and vanish while the mesh runs.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { ImportErrorService } from '#gen/dagmesh/api/v1/import_error_service_pb.ts';
import { runDag, waitForDag } from '../kit/flow.ts';
import { ownDags } from '../kit/mesh.ts';
import { useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';

const mesh = useMesh(
  (folder) => {
    const dagsFolder = ownDags(folder);
    writeFileSync(join(dagsFolder, 'good.ts'), oneTask('good', '1'));
    return { mode: 'mesh', dagsFolder };
  },
  (started) => waitForDag(started, 'good'),
);

function writeDag(name: string, text: string): void {
  writeFileSync(join(mesh.folder, 'dags', name), text);
}

function oneTask(dagId: string, result: string, options = '{}'): string {
  return `import { dag } from '@dagmesh/sdk';
export const it = dag('${dagId}', ${options}, (d) => {
  d.task('t', () => ${result});
});
`;
}

async function errorOf(file: string): Promise<string> {
  return eventuallyGives(
    async () => {
      const { importErrors } = await mesh.client(ImportErrorService).listImportErrors({});
      return importErrors.find((each) => each.dagFile === file)?.message;
    },
    { deadlineMs: 60_000, what: () => `${file} has an import error\n${mesh.tails()}` },
  );
}

test('a file that breaks keeps its last good version running, and says line and cause', async () => {
  writeDag('breaks.ts', oneTask('breaks', '1'));
  expect((await runDag(mesh, 'breaks')).state).toBe('SUCCESS');
  writeDag('breaks.ts', `${oneTask('breaks', '1')}\nconst x = ;\n`);
  expect(await errorOf('breaks.ts')).toMatch(/breaks\.ts:6/);
  const { dag } = await mesh.client(DagService).getDag({ dagId: 'breaks' });
  expect(dag).toMatchObject({ isActive: true, versionNumber: 1 });
});

test('a changed file makes a new version, the same content does not', async () => {
  const version = async () =>
    (await mesh.client(DagService).getDag({ dagId: 'good' })).dag?.versionNumber;
  expect(await version()).toBe(1);
  writeDag('good.ts', oneTask('good', '2', `{ description: 'changed' }`));
  await eventually(async () => (await version()) === 2, {
    deadlineMs: 60_000,
    what: 'the second version is there',
  });
  writeDag('good.ts', `${oneTask('good', '2', `{ description: 'changed' }`)}// a comment\n`);
  expect((await runDag(mesh, 'good')).state).toBe('SUCCESS');
  expect(await version()).toBe(2);
});

test('a vanished file takes its DAGs out of service', async () => {
  writeDag('leaves.ts', oneTask('leaves', '1'));
  await waitForDag(mesh, 'leaves');
  rmSync(join(mesh.folder, 'dags', 'leaves.ts'));
  await eventually(
    async () =>
      !(await mesh.client(DagService).listDags({})).dags.some((each) => each.dagId === 'leaves'),
    { deadlineMs: 60_000, what: 'the DAG is no longer listed' },
  );
});

test('every kind of bad file gets an error of its own, and good ones go on', async () => {
  const bad: Record<string, [string, RegExp]> = {
    'cycle.ts': [
      `import { dag } from '@dagmesh/sdk';
dag('cycle', {}, (d) => {
  const a = d.task('a', () => 1);
  const b = d.task('b', () => 1);
  a.downstream(b);
  b.downstream(a);
});
`,
      /a → b|b → a/,
    ],
    'twice.ts': [
      `import { dag } from '@dagmesh/sdk';
dag('twice', {}, (d) => {
  d.task('a', () => 1);
  d.task('a', () => 1);
});
`,
      /twice\.ts:4: .*"a"/,
    ],
    'loop.ts': ['for (;;) {}\n', /30 s|time/i],
    'exits.ts': ['process.exit(0);\n', /exit/i],
    'hungry.ts': [
      'const all = [];\nfor (;;) all.push(Buffer.alloc(64 * 1024 * 1024, 1));\n',
      /memory/i,
    ],
    'cron.ts': [oneTask('cron', '1', `{ schedule: '61 * * * *' }`), /61/],
    'zone.ts': [
      `import { cron, dag } from '@dagmesh/sdk';
dag('zone', { schedule: cron('@daily', { timezone: 'Mars/Base' }) }, (d) => {
  d.task('a', () => 1);
});
`,
      /zone\.ts:2: .*Mars\/Base/,
    ],
    'syntax.py': ['def f(:\n  pass\n', /syntax\.py:1/],
    'syntax.yaml': ['dag_id: [\n', /syntax\.yaml:/],
  };
  for (const [name, [text]] of Object.entries(bad)) writeDag(name, text);
  for (const [name, [, message]] of Object.entries(bad)) {
    expect(await errorOf(name), name).toMatch(message);
  }
  writeDag('late.ts', oneTask('late', '1'));
  expect((await runDag(mesh, 'late')).state).toBe('SUCCESS');
}, 300_000);
