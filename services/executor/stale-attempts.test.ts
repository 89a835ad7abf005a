// Every call about an attempt, with every token that proves nothing: refused with a typed error,
// and nothing is changed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import {
  AttemptStatus,
  type LogChunk,
  LogChunkSchema,
  StateScope,
  WorkerService,
} from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { mintAttemptToken } from '#kernel/auth/attempt-token.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { Code, reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { clusterKey, startTestMesh, type TestMesh } from './testing/mesh.ts';
import { joinWorker } from './testing/worker.ts';

type Worker = Client<typeof WorkerService>;
type Call = (worker: Worker, attemptToken: string) => Promise<unknown>;

const chunkOf = (attemptToken: string): LogChunk =>
  create(LogChunkSchema, { attemptToken, offset: 0n, content: Buffer.from('{}\n') });

/** What the task instance keeps over its tries. */
const cursor = { scope: StateScope.TASK_INSTANCE, key: 'cursor' };

/**
 * Every RPC that carries a token and answers for one attempt; reports have verdicts instead of
 * errors.
 */
const calls: Readonly<Record<string, Call>> = {
  getConnection: (worker, attemptToken) =>
    worker.getConnection({ attemptToken, connId: 'warehouse' }),
  getVariable: (worker, attemptToken) => worker.getVariable({ attemptToken, key: 'v' }),
  setVariable: (worker, attemptToken) => worker.setVariable({ attemptToken, key: 'v', value: '2' }),
  deleteVariable: (worker, attemptToken) => worker.deleteVariable({ attemptToken, key: 'v' }),
  pushXCom: (worker, attemptToken) =>
    worker.pushXCom({ attemptToken, xcom: { key: 'k', valueJson: '1' } }),
  pullXCom: (worker, attemptToken) => worker.pullXCom({ attemptToken, taskId: 'extract' }),
  listXComs: (worker, attemptToken) => worker.listXComs({ attemptToken, taskId: 'extract' }),
  deleteXCom: (worker, attemptToken) => worker.deleteXCom({ attemptToken, key: 'k' }),
  getTaskStates: (worker, attemptToken) => worker.getTaskStates({ attemptToken }),
  triggerDagRun: (worker, attemptToken) =>
    worker.triggerDagRun({ attemptToken, dagId: 'other', key: '1' }),
  listAssetEvents: (worker, attemptToken) =>
    worker.listAssetEvents({ attemptToken, assetName: 'orders' }),
  setState: (worker, attemptToken) => worker.setState({ attemptToken, ...cursor, valueJson: '1' }),
  getState: (worker, attemptToken) => worker.getState({ attemptToken, ...cursor }),
  deleteState: (worker, attemptToken) => worker.deleteState({ attemptToken, ...cursor }),
  appendLog: (worker, attemptToken) => worker.appendLog({ chunk: chunkOf(attemptToken) }),
  streamLogs: async (worker, attemptToken) => {
    const one = async function* () {
      yield { chunk: chunkOf(attemptToken) };
    };
    for await (const answer of worker.streamLogs(one())) return answer;
    return undefined;
  },
};

let mesh: TestMesh;
beforeEach(async () => {
  mesh = await startTestMesh();
  mesh.metadata.variables.set('v', '1');
  mesh.metadata.connections.set('warehouse', 'secret');
  mesh.metadata.xcoms.set('extract/return_value', '1');
});
afterEach(() => mesh.stop());

async function leaseOne() {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({ connections: ['warehouse'] });
  return { worker, lease: await worker.lease(1) };
}

/** The token of a live attempt, with what a test wants different. */
function tokenLike(attemptId: string, key: string, expiresAtMs: number): string {
  const live = mesh.scheduler.live.get(attemptId);
  if (live === undefined) throw new Error('it is live');
  return mintAttemptToken(key, { ...live, expiresAtMs });
}

/** Tokens that prove nothing. */
const tokens: Readonly<Record<string, () => Promise<string>>> = {
  garbage: async () => 'garbage',
  'a token of another mesh': async () => {
    const { lease } = await leaseOne();
    return tokenLike(lease.attemptId, 'the key of another mesh', systemClock.nowMs() + 60_000);
  },
  'a token that has ended': async () => {
    const { lease } = await leaseOne();
    return tokenLike(lease.attemptId, clusterKey, systemClock.nowMs() - 1);
  },
  'the token of an attempt that has finished': async () => {
    const { worker, lease } = await leaseOne();
    worker.finish(lease);
    await worker.result(lease.attemptId);
    return lease.attemptToken;
  },
  'the token of an attempt that was superseded': async () => {
    const { worker, lease } = await leaseOne();
    mesh.scheduler.end(lease.attemptId);
    worker.breakOff();
    const again = await joinWorker(mesh.worker, { heldAttemptTokens: [lease.attemptToken] });
    // Kept until a renewal says otherwise, which may have been before the worker came back.
    const isGone = () =>
      again.lostIds.includes(lease.attemptId) ||
      again.welcome.resumed.some(({ status }) => status === AttemptStatus.STALE);
    await eventually(isGone, { deadlineMs: 60_000, what: 'it is taken away' });
    return lease.attemptToken;
  },
  'the token of an attempt with another fencing number': async () => {
    const { lease } = await leaseOne();
    const live = mesh.scheduler.live.get(lease.attemptId);
    if (live === undefined) throw new Error('it is live');
    const expiresAtMs = systemClock.nowMs() + 60_000;
    return mintAttemptToken(clusterKey, { ...live, epoch: live.epoch + 1n, expiresAtMs });
  },
};

test('every RPC of the contract is in this table, or reports outcomes', () => {
  const elsewhere = ['session', 'acquireTasks', 'heartbeat', 'reportTasks'];
  const all = WorkerService.methods.map(({ localName }) => localName);
  expect([...Object.keys(calls), ...elsewhere].sort()).toEqual([...all].sort());
});

describe.each(Object.keys(tokens))('%s', (token) => {
  test('opens no RPC and changes nothing', async () => {
    const attemptToken = await (tokens[token] as () => Promise<string>)();
    for (const [rpc, call] of Object.entries(calls)) {
      const error = await call(mesh.worker, attemptToken).then(
        () => undefined,
        (refusal: unknown) => refusal,
      );
      expect(reasonOf(error), rpc).toBe('stale_attempt');
      expect(error, rpc).toMatchObject({ code: Code.FailedPrecondition });
    }
    expect(mesh.metadata.changes).toEqual([]);
    expect(mesh.metadata.variables.get('v')).toBe('1');
    expect(mesh.scheduler.triggers).toEqual([]);
    const { dagId, runId } = { dagId: 'etl', runId: 'manual__1' };
    for (const epoch of [1n, 2n]) {
      const log = { dagId, runId, taskId: 'extract', mapIndex: -1, epoch };
      for await (const block of mesh.api.readLog(log)) expect(block).toBeUndefined();
    }
  });
});

test('the token of a live attempt opens every RPC', async () => {
  const { lease } = await leaseOne();
  for (const [rpc, call] of Object.entries(calls)) {
    await expect(call(mesh.worker, lease.attemptToken), rpc).resolves.toBeDefined();
  }
});

test('after a restart of the executor the ledger says whether an attempt is live', async () => {
  const { lease } = await leaseOne();
  await mesh.restart();
  mesh.metadata.declared = ['warehouse'];
  for (const [rpc, call] of Object.entries(calls)) {
    await expect(call(mesh.worker, lease.attemptToken), rpc).resolves.toBeDefined();
  }
  mesh.scheduler.end(lease.attemptId);
  const refused = mesh.worker.getVariable({ attemptToken: lease.attemptToken, key: 'v' });
  await expect(refused).rejects.toSatisfy((error) => reasonOf(error) === 'stale_attempt');
});
