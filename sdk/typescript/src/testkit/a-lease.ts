// Leases for tests, and the reports that come back for them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AttemptReport, LeaseSchema } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { FakeSession } from './fake-session.ts';

type LeaseInit = MessageInitShape<typeof LeaseSchema>;

let leasesCount = 0;

/**
 * A lease of a task of `dags/ends.ts`, given as `<dag_id>.<task_id>`; only what the test says
 * differs from the usual.
 */
export function aLease(task: string, lease: LeaseInit = {}): LeaseInit & { attemptId: string } {
  leasesCount += 1;
  const attemptId = lease.attemptId ?? `attempt-${leasesCount}`;
  const [dagId = '', taskId = ''] = task.split('.');
  return {
    attemptToken: `token-of-${attemptId}`,
    epoch: 1n,
    dagId,
    runId: 'manual__1',
    taskId,
    mapIndex: -1,
    tryNumber: 1,
    handler: `ends.ts:${task}`,
    queue: 'default',
    runType: 'manual',
    dagFile: 'ends.ts',
    ...lease,
    attemptId,
  };
}

/** Leases one attempt and answers its report, recorded. */
export async function runToReport(session: FakeSession, lease: LeaseInit): Promise<AttemptReport> {
  session.lease(lease);
  return nextReport(session);
}

/** The next report, recorded. */
export async function nextReport(session: FakeSession): Promise<AttemptReport> {
  const { reports } = await session.next('finished');
  const [report] = reports;
  if (report === undefined || reports.length !== 1) throw new Error('one report was expected');
  record(session, report);
  return report;
}

/** Tells the worker that a report is committed. */
export function record(session: FakeSession, ...reports: readonly AttemptReport[]): void {
  const results = reports.map(({ attemptToken }) => ({
    attemptId: attemptToken.replace('token-of-', ''),
    status: AttemptStatus.RECORDED,
  }));
  session.say({ case: 'recorded', value: { results } });
}
