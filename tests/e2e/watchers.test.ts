// Watchers of assets, on both forms of the system: each file that drops starts a DAG once, whoever
// is killed.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { finish, query, returnValue, waitForDag } from '../kit/flow.ts';
import { fastTimings, type MeshOptions, ownDags } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually } from '../kit/wait.ts';

describe.each(modes)('on %s', (mode) => {
  const plan = (folder: string): MeshOptions => {
    mkdirSync(join(folder, 'drops'));
    return { mode, dagsFolder: ownDags(folder, '../watchers/watched.ts'), env: fastTimings };
  };
  const mesh = useMesh(plan, (started) => waitForDag(started, 'on_drop'));

  /** Written elsewhere first: a file that grows is another one at each look. */
  const drop = (name: string) => {
    writeFileSync(join(mesh.folder, name), name);
    renameSync(join(mesh.folder, name), join(mesh.folder, 'drops', name));
  };
  const pathsOf = (...names: readonly string[]) =>
    names.map((name) => join(mesh.folder, 'drops', name));
  const runsOf = async (dagId: string) => {
    const text = 'select run_id from dag_run where dag_id = $1 order by run_after';
    return (await query<{ run_id: string }>(mesh, text, [dagId])).map((row) => row.run_id);
  };
  const updatesOf = async (assetName: string) =>
    (await query(mesh, 'select 1 from asset_event where asset_name = $1', [assetName])).length;
  const reach = (read: () => Promise<number>, count: number, what: string) =>
    eventually(async () => (await read()) >= count, {
      deadlineMs: 60_000,
      what: () => `${what}\n${mesh.tails()}`,
    });
  const ticks = async (count: number) => {
    const target = (await updatesOf('ticks')) + count;
    await reach(() => updatesOf('ticks'), target, `the clock ticks ${count} times`);
  };
  /** Waits for the run number `count`, sees that no more follow, and answers what it was told. */
  const told = async (count: number) => {
    await reach(async () => (await runsOf('on_drop')).length, count, `${count} runs are there`);
    await ticks(3);
    const runIds = await runsOf('on_drop');
    expect(runIds).toHaveLength(count);
    const run = { dagId: 'on_drop', runId: runIds[count - 1] ?? '' };
    await finish(mesh, run);
    return returnValue(mesh, { ...run, taskId: 'read' });
  };

  test('a clock ticks, and each tick is an update', async () => {
    await ticks(3);
    await reach(async () => (await runsOf('on_tick')).length, 1, 'a tick starts a run');
    expect(await runsOf('on_drop')).toEqual([]);
  });

  test('each new file starts one run, which learns of all that lie there', async () => {
    drop('a.csv');
    expect(await told(1)).toMatchObject([{ paths: pathsOf('a.csv') }]);
    drop('b.csv');
    expect(await told(2)).toMatchObject([{ paths: pathsOf('a.csv', 'b.csv') }]);
  });

  test('people see who watches an asset', async () => {
    const { watchers } = await mesh.client(AssetService).getAsset({ assetName: 'drops' });
    expect(watchers).toMatchObject([
      { name: 'drop', dagId: 'on_drop', isWatching: true, trigger: { kind: { case: 'file' } } },
    ]);
    expect(watchers[0]?.lastEventTime).toBeDefined();
  });

  test.runIf(mode === 'mesh')('a triggerer that is killed loses nothing', async () => {
    await mesh.program('triggerer').kill();
    drop('c.csv');
    await mesh.program('triggerer').restart();
    expect(await told(3)).toMatchObject([{ paths: pathsOf('a.csv', 'b.csv', 'c.csv') }]);
  });

  test.runIf(mode === 'mesh')('a scheduler that comes back tells nothing twice', async () => {
    await mesh.program('scheduler').restart();
    await ticks(3);
    expect(await runsOf('on_drop')).toHaveLength(3);
    drop('d.csv');
    expect(await told(4)).toMatchObject([{ paths: pathsOf('a.csv', 'b.csv', 'c.csv', 'd.csv') }]);
  });
});
