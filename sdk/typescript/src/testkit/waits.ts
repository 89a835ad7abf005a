// A worker for the tasks of `dags/waits.ts`, one for all tests of a file.
import { afterAll, beforeAll } from 'vitest';
import type { AttemptReport } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { aLease, runToReport } from './a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from './fake-executor.ts';
import type { FakeSession } from './fake-session.ts';
import { connectWorker, stopWorkers } from './start-worker.ts';

type LeaseInit = NonNullable<Parameters<typeof aLease>[1]>;

/** Runs tasks, and answers their calls. */
export type WaitsWorker = {
  /** Runs one to its report. */
  run(task: string, lease?: LeaseInit): Promise<AttemptReport>;
  /** How calls of tasks are answered. */
  answer: FakeExecutor['answer'];
};

/** Starts the worker before the tests of a file, and ends it after them. */
export function useWaitsWorker(): WaitsWorker {
  let fake: FakeExecutor;
  let session: FakeSession;
  beforeAll(async () => {
    fake = await startFakeExecutor();
    ({ session } = await connectWorker(fake));
    session.keepAlive();
  });
  afterAll(async () => {
    await stopWorkers();
    fake.stop();
  });
  return {
    answer: (...given) => fake.answer(...given),
    run: (task, lease = {}) => {
      const file = { handler: `waits.ts:waits.${task}`, dagFile: 'waits.ts' };
      return runToReport(session, aLease(`waits.${task}`, { ...file, ...lease }));
    },
  };
}

/** The XComs of a report by key. */
export function valuesOf({ xcoms }: AttemptReport): Record<string, unknown> {
  return Object.fromEntries(xcoms.map(({ key, valueJson }) => [key, JSON.parse(valueJson)]));
}
