// Two dag-processors fetch one bundle: one that is behind undoes nothing of what the other said.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import {
  createTestRepository,
  type TestRepository,
} from '../../services/dag-processor/test-repository.ts';
import { aYamlFile } from '../../services/dag-processor/test-mesh.ts';
import { waitForDag } from '../kit/flow.ts';
import { fastTimings, ownDags } from '../kit/mesh.ts';
import { useMesh } from '../kit/use-mesh.ts';
import { eventually } from '../kit/wait.ts';

let repository: TestRepository;

/** How a dag-processor fetches the bundle, and where it checks it out. */
function bundleEnv(folder: string, refreshSeconds: number) {
  const url = `file://${repository.root}`;
  const bundle = { name: 'team', kind: 'git', url, refresh_seconds: refreshSeconds };
  return {
    DAGMESH_DAG_BUNDLES: JSON.stringify([bundle]),
    DAGMESH_BUNDLES_FOLDER: folder,
    DAGMESH_DAG_CATALOG_CHECK_MS: '300',
  };
}

const mesh = useMesh(
  (folder) => {
    repository = createTestRepository(join(folder, 'origin'));
    repository.commit({ 'kept.yaml': aYamlFile('kept', 'old') });
    const env = { ...fastTimings, ...bundleEnv(join(folder, 'ahead'), 1) };
    return { mode: 'mesh', dagsFolder: ownDags(folder), workers: [], env };
  },
  (started) => waitForDag(started, 'kept'),
);

const versions = async (dagId: string) =>
  (await mesh.client(DagService).listDagVersions({ dagId })).versions;

const waits = (what: string, until: () => Promise<boolean> | boolean) =>
  eventually(until, { deadlineMs: 60_000, what: () => `${what}\n${mesh.tails()}` });

test('the newest commit stays in force while another one knows only the one before', async () => {
  const behind = await mesh.startAnother(
    'dag-processor',
    bundleEnv(join(mesh.folder, 'behind'), 3_600),
  );
  const says = (words: string) => readFileSync(behind.logFile, 'utf8').includes(words);
  await waits('the second one has the bundle', () => says('bundle refreshed'));

  const commit = repository.commit({
    'kept.yaml': aYamlFile('kept', 'renamed'),
    'fresh.yaml': aYamlFile('fresh'),
  });
  await waitForDag(mesh, 'fresh');
  await waits('the new version is there', async () => (await versions('kept')).length === 2);
  // It finds that the catalog has something else than it was told by it, time and again.
  await waits('the second one sees that', () => says('catalog differs'));
  await waits('and that it is behind', () => says('has a later version of a bundle'));

  const first = mesh.program('dag-processor');
  const putsCount = () => readFileSync(first.logFile, 'utf8').split('dag file read').length;
  const before = putsCount();
  // Whatever it does from now on, somebody else's next change is read in between.
  repository.commit({ 'last.yaml': aYamlFile('last') });
  await waitForDag(mesh, 'last');
  expect(putsCount()).toBe(before + 1);
  const [newest, ...older] = await versions('kept');
  expect(newest).toMatchObject({ versionNumber: 2, bundleVersion: commit, isCurrent: true });
  expect(older).toHaveLength(1);
  expect((await mesh.client(DagService).getDag({ dagId: 'fresh' })).dag?.isActive).toBe(true);
}, 180_000);
