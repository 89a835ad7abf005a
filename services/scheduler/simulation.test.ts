// Random DAGs on a simulated mesh: a ledger that forgets to answer, repeats itself and refuses
// slots; workers that succeed, fail, skip, reject and vanish. Every run ends, limits hold in every
// commit, and the ledger agrees with the picture.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { DagSpecSchema, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType, TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type CommitRequest,
  type CommitResponse,
  CommitResponseSchema,
  DagRecordSchema,
  DagVersionRecordSchema,
  PoolStateSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import {
  AttemptEnd,
  AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { recordOutcome } from './core/attempt/outcomes.ts';
import { isLive, leaseInto } from './core/attempt/leases.ts';
import { loadPicture } from './core/load/load.ts';
import type { Attempt } from './core/picture.ts';
import { createRun } from './core/run/runs.ts';
import { keepAgenda, sweepAttempts } from './core/sweep.ts';
import { createEvents } from './events.ts';
import { createEngine } from './loops/engine.ts';
import { createOwnership } from './loops/ownership.ts';

const POOL_SLOTS = 3;
const ACTIVE_TASKS_MAX = 4;

/** Numbers that look random and are the same for each seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A ledger in memory that holds the laws a real one does, and is as unreliable as a network. */
function unreliableLedger(random: () => number) {
  const instances = new Map<string, { state: TaskInstanceState; run: string; slots: number }>();
  const attempts = new Map<string, { state: TaskAttemptState; instance: string }>();
  let lastSeq = 0n;
  let lastAnswer: CommitResponse | undefined;

  const apply = (request: CommitRequest): CommitResponse => {
    const refused = new Set<string>();
    let used = [...instances.values()].reduce((sum, each) => sum + each.slots, 0);
    for (const claim of request.poolClaims) if (claim.slots < 0) used += claim.slots;
    for (const claim of request.poolClaims) {
      if (claim.slots < 0) continue;
      // Another scheduler may have taken slots that this one believes to be free.
      if (used + claim.slots > POOL_SLOTS || random() < 0.05) refused.add(claim.taskInstanceId);
      else used += claim.slots;
    }
    const held = new Map(request.poolClaims.map((claim) => [claim.taskInstanceId, claim.slots]));
    for (const row of [...request.newTaskInstances, ...request.changedTaskInstances]) {
      const before = instances.get(row.id);
      const isRefused = refused.has(row.id);
      instances.set(row.id, {
        state: isRefused ? TaskInstanceState.SCHEDULED : row.state,
        run: row.dagRunId,
        slots: (before?.slots ?? 0) + (isRefused ? 0 : (held.get(row.id) ?? 0)),
      });
    }
    for (const row of request.newAttempts) {
      if (refused.has(row.taskInstanceId)) continue;
      expect(attempts.has(row.attemptId)).toBe(false);
      attempts.set(row.attemptId, { state: row.state, instance: row.taskInstanceId });
    }
    for (const row of request.endedAttempts) {
      const known = attempts.get(row.attemptId);
      if (known?.state === TaskAttemptState.RUNNING) known.state = row.state;
    }
    checkLaws();
    return create(CommitResponseSchema, {
      refusedTaskInstanceIds: [...refused],
      pools: [{ pool: 'p', slots: POOL_SLOTS, used }],
    });
  };

  const checkLaws = () => {
    const live = [...attempts.values()].filter((each) => each.state === TaskAttemptState.RUNNING);
    expect(new Set(live.map((each) => each.instance)).size).toBe(live.length);
    const active = [...instances.values()].filter(({ state }) => isActiveState(state));
    expect(active.reduce((sum, each) => sum + each.slots, 0)).toBeLessThanOrEqual(POOL_SLOTS);
    for (const run of new Set(active.map((each) => each.run))) {
      const ofRun = active.filter((each) => each.run === run);
      expect(ofRun.length).toBeLessThanOrEqual(ACTIVE_TASKS_MAX);
    }
  };

  const commit = async (request: CommitRequest): Promise<CommitResponse> => {
    await Promise.resolve();
    if (random() < 0.1) throw fail('unreachable', 'the network is gone');
    if (request.commitSeq === lastSeq && lastAnswer !== undefined) return lastAnswer;
    expect(request.commitSeq).toBe(lastSeq + 1n);
    lastSeq = request.commitSeq;
    lastAnswer = apply(request);
    if (random() < 0.1) throw fail('unreachable', 'the answer was lost');
    return lastAnswer;
  };
  return { commit, instances, attempts };
}

function isActiveState(state: TaskInstanceState): boolean {
  return state >= TaskInstanceState.QUEUED && state <= TaskInstanceState.RESTARTING;
}

function randomSpec(random: () => number, dagId: string) {
  const tasksCount = 1 + Math.floor(random() * 8);
  const rules = [
    TriggerRule.ALL_SUCCESS,
    TriggerRule.ALL_DONE,
    TriggerRule.ONE_SUCCESS,
    TriggerRule.NONE_FAILED,
  ];
  const tasks = Array.from({ length: tasksCount }, (_, index) => ({
    taskId: `t${index}`,
    queue: 'default',
    pool: 'p',
    poolSlots: 1 + Math.floor(random() * 2),
    priorityWeight: 1,
    triggerRule: rules[Math.floor(random() * rules.length)] ?? TriggerRule.ALL_SUCCESS,
    upstreamTaskIds: Array.from({ length: index }, (_, up) => `t${up}`).filter(
      () => random() < 0.4,
    ),
    isEmpty: random() < 0.1,
    activeTisPerDagMax: random() < 0.2 ? 1 : 0,
    retry: { retries: Math.floor(random() * 3), delay: { seconds: 1n, nanos: 0 } },
  }));
  return create(DagSpecSchema, {
    dagId,
    activeRunsMax: 2,
    activeTasksMax: ACTIVE_TASKS_MAX,
    tasks,
  });
}

/** Runs one seed to its end; answers how many task instances there were. */
async function simulate(seed: number): Promise<number> {
  const random = randomOf(seed);
  let nowMs = Date.UTC(2026, 0, 1);
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: () => Promise.resolve(),
    timer: () => ({ cancel: () => undefined }),
  };
  const ledger = unreliableLedger(random);
  const ownership = createOwnership();
  for (let partition = 0; partition < 256; partition += 1) {
    ownership.partitions.set(partition, { epoch: 1n, isLoaded: true });
  }
  const engine = createEngine({
    ledger,
    ownership,
    clock,
    timing: { leaseTtlMs: 15_000, killGraceMs: 10_000, sweepMs: 1_000 },
    events: createEvents(createLog('test', 'silent'), createMetrics('test')),
    onCommitted: () => undefined,
    onDecided: () => undefined,
  });
  const dagIds = ['a', 'b', 'c'];
  loadPicture(
    engine.picture(),
    {
      pools: [create(PoolStateSchema, { pool: 'p', slots: POOL_SLOTS, used: 0 })],
      versions: dagIds.map((dagId, index) =>
        create(DagVersionRecordSchema, {
          dagVersionId: BigInt(index + 1),
          dagId,
          spec: randomSpec(random, dagId),
        }),
      ),
      dags: dagIds.map((dagId, index) =>
        create(DagRecordSchema, { dagId, dagVersionId: BigInt(index + 1), isActive: true }),
      ),
      runs: [],
      taskInstances: [],
      attempts: [],
      receipts: [],
      ...{ deliveries: [], backfills: [], deadlines: [], keyPauses: [] },
      ...{ runAssetEvents: [], slaMisses: [] },
    },
    engine.moment(),
  );
  for (let i = 0; i < 9; i += 1) {
    void engine.decide((deciding, moment) => {
      const dag = deciding.picture.dags.get(dagIds[i % 3] ?? '');
      if (dag === undefined) throw new Error('no such DAG');
      createRun(deciding, moment, dag, {
        runId: `r${i}`,
        runType: RunType.MANUAL,
        logicalDateMs: undefined,
        intervalStartMs: undefined,
        intervalEndMs: undefined,
        runAfterMs: moment.nowMs,
        confJson: '{}',
        triggeredBy: 'test',
      });
    });
  }
  await engine.idle();
  const held: Attempt[] = [];
  const isUnfinished = () => [...engine.picture().dags.values()].some((dag) => dag.runs.size > 0);
  for (let step = 0; isUnfinished(); step += 1) {
    expect(step, `seed ${seed} does not end`).toBeLessThan(3_000);
    nowMs += Math.floor(random() * 2_000);
    await work({ engine, random, held });
  }
  await engine.idle();
  const unfinished = [...ledger.instances.values()].filter(
    ({ state }) => state < TaskInstanceState.SUCCESS || state > TaskInstanceState.REMOVED,
  );
  expect(unfinished).toEqual([]);
  expect([...ledger.instances.values()].reduce((sum, each) => sum + each.slots, 0)).toBe(0);
  // All slots are free again, and the picture knows it.
  const { pools } = engine.picture();
  expect(pools.get('p')).toMatchObject({ used: 0, pendingSlots: 0, unsettledSlots: 0 });
  return ledger.instances.size;
}

/** One step of time: leases for a worker, and something happens to one of the attempts held. */
async function work(world: {
  readonly engine: ReturnType<typeof createEngine>;
  readonly random: () => number;
  readonly held: Attempt[];
}): Promise<void> {
  const { engine, random, held } = world;
  const offers = [{ workerId: 'w', queues: ['default'], slots: 1 + Math.floor(random() * 4) }];
  const leased = await engine.decide(({ picture, changes }, moment) =>
    leaseInto(picture, changes, { executorId: 'e', offers }, moment),
  );
  held.push(...leased.filter(isLive));
  const [attempt] = held.splice(Math.floor(random() * held.length), 1);
  const ends = [
    ...Array.from({ length: 6 }, () => AttemptEnd.SUCCESS),
    AttemptEnd.FAILED,
    AttemptEnd.SKIPPED,
    AttemptEnd.REJECTED,
    AttemptEnd.LOST,
  ];
  if (attempt !== undefined && random() < 0.95) {
    const outcome = create(AttemptOutcomeSchema, {
      attemptId: attempt.attemptId,
      epoch: BigInt(attempt.epoch),
      end: ends[Math.floor(random() * ends.length)] ?? AttemptEnd.SUCCESS,
    });
    const twice = [outcome, outcome];
    const recordings = await engine.decide((deciding) =>
      twice.map((each) => recordOutcome(deciding, each)),
    );
    expect(recordings[0]).toBe(recordings[1]);
  }
  await engine.decide((deciding, moment) => {
    keepAgenda(deciding, moment, 100);
    sweepAttempts(deciding, moment);
  });
}

describe('on an unreliable mesh', () => {
  test('every run of 300 random worlds ends, and no law is broken on the way', async () => {
    let instancesCount = 0;
    for (let seed = 1; seed <= 300; seed += 1) instancesCount += await simulate(seed);
    expect(instancesCount).toBeGreaterThan(5_000);
  }, 60_000);
});
