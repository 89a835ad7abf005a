// What is kept over tries, and that only a live attempt may change it.
import { expect, test } from 'vitest';
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { StateScope } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { aRun, aTaskInstance, anAttempt, refusal, storeDag } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf } = useMetadata();

const ledger = () => metadata.as('executor', LedgerService);
const ofTask = { scope: StateScope.TASK_INSTANCE, key: 'job' };
const ofAsset = { scope: StateScope.ASSET, assetName: 'orders', key: 'job' };
const read = async (attemptId: string, place: object) =>
  (await ledger().getState({ attemptId, ...place })).valueJson;

/** A running attempt, and how it ends and another begins. */
async function anInstance() {
  const run = aRun();
  const instance = aTaskInstance({ dagRunId: run.id });
  const attempt = anAttempt({ taskInstanceId: instance.id });
  await scheduler.commit({ newRuns: [run], newTaskInstances: [instance], newAttempts: [attempt] });
  const tryAgain = async () => {
    const second = anAttempt({ taskInstanceId: instance.id, tryNumber: 2, epoch: 2n });
    const ended = { ...attempt, state: TaskAttemptState.FAILED };
    await scheduler.commit({ endedAttempts: [ended], newAttempts: [second] });
    return second.attemptId;
  };
  return { attemptId: attempt.attemptId, tryAgain };
}

test('a task instance finds in its next try what it kept in the last', async () => {
  const { attemptId, tryAgain } = await anInstance();
  await ledger().setState({ attemptId, ...ofTask, valueJson: '{"id":"\\u0000"}' });
  await ledger().setState({ attemptId, ...ofTask, valueJson: '{"id":2}' });
  const second = await tryAgain();
  expect(await read(second, ofTask)).toBe('{"id":2}');
});

test('an instance does not see what another keeps; what an asset keeps is for all', async () => {
  const one = await anInstance();
  const other = await anInstance();
  await ledger().setState({ attemptId: one.attemptId, ...ofTask, valueJson: '1' });
  await ledger().setState({ attemptId: one.attemptId, ...ofAsset, valueJson: '2' });
  expect(await refusal(read(other.attemptId, ofTask))).toBe('state_not_found');
  expect(await read(other.attemptId, ofAsset)).toBe('2');
});

test('an attempt that is not live can neither keep nor forget', async () => {
  const { attemptId, tryAgain } = await anInstance();
  await ledger().setState({ attemptId, ...ofTask, valueJson: '1' });
  const second = await tryAgain();
  for (const valueJson of ['2', '']) {
    const call = ledger().setState({ attemptId, ...ofTask, valueJson });
    expect(await refusal(call)).toBe('stale_attempt');
  }
  expect(await read(second, ofTask)).toBe('1');
});

test('an empty value forgets, and forgetting nothing is no error', async () => {
  const { attemptId } = await anInstance();
  await ledger().setState({ attemptId, ...ofTask, valueJson: '1' });
  await ledger().setState({ attemptId, ...ofTask, valueJson: '' });
  await ledger().setState({ attemptId, ...ofTask, valueJson: '' });
  expect(await refusal(read(attemptId, ofTask))).toBe('state_not_found');
});

test('a state of nobody is refused', async () => {
  const { attemptId } = await anInstance();
  expect(await refusal(read(attemptId, { key: 'job' }))).toBe('bad_request');
  const nameless = { scope: StateScope.ASSET, key: 'job' };
  expect(await refusal(read(attemptId, nameless))).toBe('bad_request');
});

test('an owner keeps a thousand states; one more is refused, a new value of a known one is not', async () => {
  const full = await anInstance();
  const other = await anInstance();
  await ledger().setState({ attemptId: full.attemptId, ...ofTask, valueJson: '0' });
  await rowsOf(`
    insert into kept_state (scope, owner, key, value)
    select scope, owner, 'key_' || n, '1'
    from kept_state, generate_series(1, 999) as n
    where owner = (
      select task_instance_id::text from task_attempt where attempt_id = '${full.attemptId}'
    )`);
  const set = (attemptId: string, key: string) =>
    refusal(ledger().setState({ attemptId, ...ofTask, key, valueJson: '2' }));
  expect(await set(full.attemptId, 'one more')).toBe('limit_reached');
  expect(await set(full.attemptId, ofTask.key)).toBeUndefined();
  expect(await set(other.attemptId, 'one more')).toBeUndefined();
  await ledger().setState({ attemptId: full.attemptId, ...ofTask, key: 'key_7', valueJson: '' });
  expect(await set(full.attemptId, 'one more')).toBeUndefined();
});

test('what an asset keeps is forgotten when no DAG declares the asset any more', async () => {
  const { attemptId } = await anInstance();
  const kept = { ...ofAsset, assetName: 'passing' };
  const asset = { name: 'passing', uri: 's3://passing' };
  for (const dagId of ['first', 'second']) await storeDag(metadata, { dagId, assets: [asset] });
  await ledger().setState({ attemptId, ...kept, valueJson: '1' });
  const remove = (path: string) =>
    metadata.as('dag-processor', CatalogService).removeDagFiles({ paths: [path] });
  await remove('first.ts');
  expect(await read(attemptId, kept)).toBe('1');
  await remove('second.ts');
  expect(await refusal(read(attemptId, kept))).toBe('state_not_found');
});
