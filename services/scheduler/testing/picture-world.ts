// The picture of one DAG without anything around it: decisions, commits and their refusals by hand.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { DagSpecSchema, type TaskSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  CommitResponseSchema,
  DagRecordSchema,
  DagVersionRecordSchema,
  PoolStateSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import {
  type AttemptEnd,
  AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Attempt } from '../core/attempt/attempt.ts';
import type { Dag } from '../core/dag.ts';
import { admitNow, createDeciding, type Deciding } from '../core/deciding.ts';
import { createPicture, type Moment, type Picture } from '../core/picture.ts';
import type { Run, RunRequest } from '../core/run/run.ts';
import { createRun } from '../core/run/runs.ts';
import { recordOutcome } from '../core/attempt/outcomes.ts';
import { type ChangeSet, createChangeSet, withoutLost } from '../core/change-set.ts';
import { leaseInto } from '../core/attempt/leases.ts';
import { type Loaded, loadPicture } from '../core/load/load.ts';
import { type Instance, instanceOf, instancesOf } from '../core/instance.ts';
import { sealCommit } from '../core/load/rows.ts';
import { holdBack, settleCommit } from '../core/attempt/settle-commit.ts';

export const NEW_YEAR_MS = Date.UTC(2026, 0, 1);

type DagInit = MessageInitShape<typeof DagSpecSchema>;
export type TaskInit = MessageInitShape<typeof TaskSpecSchema>;

/** What the ledger tells of one DAG, and of the default pool with so many slots. */
export function loadedDag(spec: DagInit, poolSlots = 128): Loaded {
  const dagId = spec.dagId ?? 'd';
  const pool = create(PoolStateSchema, { pool: 'default_pool', slots: poolSlots });
  return {
    pools: [pool],
    versions: [
      create(DagVersionRecordSchema, { dagVersionId: 1n, dagId, spec: { ...spec, dagId } }),
    ],
    dags: [create(DagRecordSchema, { dagId, dagVersionId: 1n, isActive: true })],
    runs: [],
    taskInstances: [],
    attempts: [],
    receipts: [],
    backfills: [],
    deadlines: [],
    keyPauses: [],
    runAssetEvents: [],
    slaMisses: [],
  };
}

/** A world of one DAG whose time a test moves by hand. */
export type World = {
  readonly picture: Picture;
  readonly dag: Dag;
  nowMs: number;
  /** Decides; what changed is in `open` until `commit`. */
  decide<T>(decision: (deciding: Deciding, moment: Moment) => T): T;
  readonly open: () => ChangeSet;
  /** Seals what is open; call the answer to settle it. */
  seal(): (refused?: { readonly instances?: string[]; readonly runs?: string[] }) => void;
  /** Seals and settles. */
  commit(): void;
  run(request?: Partial<RunRequest>): Run;
  /** Leases up to `slots` attempts to worker `w`, committed. */
  lease(slots?: number): Attempt[];
  /** Records an end of the live attempt of a task, committed. */
  end(run: Run, taskId: string, end: AttemptEnd): void;
};

/** A world of one DAG, at the beginning of 2026. */
export function aWorld(spec: DagInit, poolSlots = 128): World {
  const picture = createPicture({ leaseTtlMs: 15_000, killGraceMs: 10_000, sweepMs: 1_000 });
  let open = createChangeSet();
  let idsCount = 0;
  let commitSeq = 0n;
  const momentAt = (nowMs: number): Moment => ({
    nowMs,
    monotonicMs: nowMs,
    newId: () => `id-${++idsCount}`,
  });
  loadPicture(picture, loadedDag(spec, poolSlots), momentAt(NEW_YEAR_MS));
  const [dag] = picture.dags.values();
  if (dag === undefined) throw new Error('the DAG cannot be compiled');
  const world: World = {
    picture,
    dag,
    nowMs: NEW_YEAR_MS,
    open: () => open,
    decide: (decision) => {
      const moment = momentAt(world.nowMs);
      const deciding = createDeciding(picture, open, moment);
      const answer = decision(deciding, moment);
      admitNow(deciding);
      return answer;
    },
    seal: () => {
      const sealed = open;
      open = createChangeSet();
      withoutLost(sealed);
      sealCommit(sealed, { schedulerId: 's', commitSeq: ++commitSeq, epochOf: () => 1n });
      holdBack(picture, sealed);
      return (refused = {}) => {
        const { instances = [], runs = [] } = refused;
        const answer = { refusedTaskInstanceIds: instances, refusedRunIds: runs };
        settleCommit(picture, sealed, create(CommitResponseSchema, answer), world.nowMs);
      };
    },
    commit: () => world.seal()(),
    run: (request) => {
      const run = world.decide((deciding, moment) =>
        createRun(deciding, moment, dag, { ...aRun(moment), ...request }),
      );
      world.commit();
      return run;
    },
    lease: (slots = 1) => {
      const offers = [{ workerId: 'w', queues: ['default'], slots }];
      const leases = world.decide(({ changes }, moment) =>
        leaseInto(picture, changes, { executorId: 'e', offers }, moment),
      );
      world.commit();
      return leases;
    },
    end: (run, taskId, end) => endAttempt(world, instanceIn(run, taskId), end),
  };
  return world;
}

function endAttempt(world: World, { attemptId, epoch }: Instance, end: AttemptEnd): void {
  const outcome = create(AttemptOutcomeSchema, { attemptId, epoch: BigInt(epoch), end });
  world.decide((deciding) => recordOutcome(deciding, outcome));
  world.commit();
}

/** A manual run, due now. */
export function aRun({ nowMs }: Moment): RunRequest {
  return {
    runId: `r${nowMs}`,
    runType: RunType.MANUAL,
    logicalDateMs: undefined,
    intervalStartMs: undefined,
    intervalEndMs: undefined,
    runAfterMs: nowMs,
    confJson: '{}',
    triggeredBy: 'test',
  };
}

/** All instances of a run. */
export function allIn(run: Run): readonly Instance[] {
  return [...instancesOf(run)];
}

/** The instance of a task; throws when there is none. */
export function instanceIn(run: Run, taskId: string): Instance {
  const instance = instanceOf(run, taskId);
  if (instance === undefined) throw new Error(`no task ${taskId}`);
  return instance;
}
