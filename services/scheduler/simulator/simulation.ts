// A scheduler without a mesh: the same decisions as in production, over DAGs in memory and a clock
// that stands still until it is moved.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import {
  type CommitRequest,
  CommitResponseSchema,
  DagRecordSchema,
  DagVersionRecordSchema,
  PoolStateSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptOutcomeSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { admitNow, type Deciding } from '../core/advance.ts';
import { nextDueMs } from '../core/agenda.ts';
import { receiveDeliveries } from '../core/asset/deliveries.ts';
import { forgetTaken } from '../core/asset/take-events.ts';
import { type ChangeSet, countRows, createChangeSet, withoutLost } from '../core/change-set.ts';
import { createDeciding } from '../core/deciding.ts';
import { noteEnd, takeHistory } from '../core/past/history.ts';
import { isLive, leaseInto } from '../core/attempt/leases.ts';
import { loadFinishedRun, loadPicture } from '../core/load/load.ts';
import { recordOutcome } from '../core/attempt/outcomes.ts';
import {
  type Attempt,
  createPicture,
  type Dag,
  type Moment,
  type Picture,
  type Run,
} from '../core/picture.ts';
import { sealCommit } from '../core/load/rows.ts';
import { createRun, type RunRequest } from '../core/run/runs.ts';
import { reschedule } from '../core/schedule/schedule.ts';
import { holdBack, settleCommit } from '../core/attempt/settle-commit.ts';
import { keepAgenda } from '../core/sweep.ts';
import { type LedgerRows, rowsAfter } from './ledger-rows.ts';
import { deliveriesOf } from './deliveries.ts';
import { answerPast } from './past-ledger.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';

/** A DAG as authors' SDKs hand it over. */
export type DagInit = MessageInitShape<typeof DagSpecSchema>;
export type OutcomeInit = Omit<
  MessageInitShape<typeof AttemptOutcomeSchema>,
  'attemptId' | 'epoch' | '$typeName' | '$unknown'
>;

/** Where a simulation begins. */
export type SimulationOptions = {
  /** The clock's first reading, epoch milliseconds. */
  readonly startMs: number;
  /** Slots by pool; `default_pool` has 128 when it is not named. */
  readonly pools?: Readonly<Record<string, number>>;
  /** DAGs that start paused: their schedules make no runs. Default: none. */
  readonly pausedDagIds?: readonly string[];
  readonly mappingMax?: number;
  /** True: schedules make no runs before `startSchedules`. Default: false. */
  readonly areSchedulesHeld?: boolean;
  /** Commits of another simulation of the same DAGs, from which this one goes on. Default: none. */
  readonly history?: readonly CommitRequest[];
};

/** A scheduler in memory. Every decision is committed at once; nothing is ever refused. */
export type Simulation = {
  readonly picture: Picture;
  nowMs(): number;
  /** The DAG; throws when there is none. */
  dag(dagId: string): Dag;
  /** All runs that were made, ended ones too, in the order in which they became known. */
  runs(): readonly Run[];
  /** Decides and commits. */
  decide<T>(decision: (deciding: Deciding, moment: Moment) => T): T;
  /** Lets schedules make runs from now on; those that do so already are left alone. */
  startSchedules(): void;
  /** Makes a run by hand, due now. */
  trigger(dagId: string, request?: Partial<RunRequest>): Run;
  /** Leases attempts of these queues to a worker that can run anything. */
  lease(slots: number, queues?: readonly string[]): readonly Attempt[];
  /** Reports what became of an attempt. */
  report(attempt: Attempt, outcome: OutcomeInit): void;
  /** When the clock next brings something about; undefined when it never does. */
  nextDueMs(): number | undefined;
  /** Moves the clock on, doing on the way what is due. Never back. */
  advanceTo(ms: number): void;
  /** All commits so far, for those who want to look at history. */
  readonly commits: readonly CommitRequest[];
};

/** Agenda items done in one decision. */
const AGENDA_AT_ONCE = 1_000;
const DEFAULT_POOL_SLOTS = 128;
/** So far apart are the ids of a simulation that goes on from another's commits. */
const IDS_PER_COMMIT_MAX = 1_000_000;

/** A simulation of some DAGs. Throws `bad_dag` with a sentence when one cannot be compiled. */
export function createSimulation(
  specs: readonly DagInit[],
  options: SimulationOptions,
): Simulation {
  return new InMemory(
    specs.map((spec) => create(DagSpecSchema, spec)),
    options,
  );
}

class InMemory implements Simulation {
  readonly picture: Picture;
  readonly commits: CommitRequest[] = [];
  readonly #runs = new Map<string, Run>();
  #nowMs: number;
  #open: ChangeSet = createChangeSet();
  #idsCount: number;

  constructor(specs: readonly DagSpec[], options: SimulationOptions) {
    const { mappingMax } = options;
    const timing = { leaseTtlMs: 15_000, killGraceMs: 10_000, sweepMs: 1_000 };
    this.#nowMs = options.startMs;
    this.#idsCount = (options.history?.length ?? 0) * IDS_PER_COMMIT_MAX;
    this.picture = createPicture(mappingMax === undefined ? timing : { ...timing, mappingMax });
    const rows = rowsAfter(options.history ?? []);
    const loaded = loadedOf(specs, rows, options);
    const broken = loadPicture(this.picture, loaded, this.#moment());
    if (broken.length > 0) throw fail('bad_dag', broken.join('; '));
    for (const each of rows.ended) {
      const version = loaded.versions.find((one) => one.dagVersionId === each.run.dagVersionId);
      const dag = this.dag(each.run.dagId);
      if (version === undefined) continue;
      const run = loadFinishedRun(this.picture, dag, { ...each, version }, this.#moment());
      this.#runs.set(run.id, run);
      noteEnd(dag, run);
    }
    for (const dag of this.picture.historyWanted) takeHistory(dag, []);
    this.picture.historyWanted.clear();
    for (const { runs } of this.picture.dags.values()) {
      for (const run of runs.values()) this.#runs.set(run.id, run);
    }
    if (options.areSchedulesHeld !== true) this.startSchedules();
  }

  nowMs(): number {
    return this.#nowMs;
  }

  dag(dagId: string): Dag {
    const dag = this.picture.dags.get(dagId);
    if (dag === undefined) throw fail('dag_not_found', `there is no DAG "${dagId}"`);
    return dag;
  }

  runs(): readonly Run[] {
    return [...this.#runs.values()];
  }

  decide<T>(decision: (deciding: Deciding, moment: Moment) => T): T {
    const answer = this.#decideOnce(decision);
    if (this.picture.pastWanted.size > 0) answerPast(this, this.runs());
    return answer;
  }

  startSchedules(): void {
    this.decide((deciding, moment) => {
      for (const dag of this.picture.dags.values()) reschedule(deciding, moment, dag);
    });
  }

  trigger(dagId: string, request: Partial<RunRequest> = {}): Run {
    return this.decide((deciding, moment) =>
      createRun(deciding, moment, this.dag(dagId), {
        runId: `manual__${this.#runs.size + 1}`,
        runType: RunType.MANUAL,
        logicalDateMs: undefined,
        intervalStartMs: undefined,
        intervalEndMs: undefined,
        runAfterMs: moment.nowMs,
        confJson: '{}',
        triggeredBy: 'simulation',
        ...request,
      }),
    );
  }

  lease(slots: number, queues?: readonly string[]): readonly Attempt[] {
    const all = queues ?? [...this.picture.queues.keys()];
    if (all.length === 0) return [];
    const offers = [{ workerId: 'simulated', queues: all, slots }];
    const leases = this.decide(({ picture, changes }, moment) =>
      leaseInto(picture, changes, { executorId: 'simulated', offers }, moment),
    );
    return leases.filter(isLive);
  }

  report(attempt: Attempt, outcome: OutcomeInit): void {
    const { attemptId, epoch } = attempt;
    const full = create(AttemptOutcomeSchema, { ...outcome, attemptId, epoch: BigInt(epoch) });
    this.decide((deciding) => recordOutcome(deciding, full));
  }

  nextDueMs(): number | undefined {
    return nextDueMs(this.picture.agenda);
  }

  advanceTo(ms: number): void {
    for (let due = this.nextDueMs(); due !== undefined && due <= ms; due = this.nextDueMs()) {
      this.#nowMs = Math.max(this.#nowMs, due);
      this.decide((deciding, moment) => keepAgenda(deciding, moment, AGENDA_AT_ONCE));
    }
    this.#nowMs = Math.max(this.#nowMs, ms);
  }

  #decideOnce<T>(decision: (deciding: Deciding, moment: Moment) => T): T {
    const moment = this.#moment();
    const deciding = createDeciding(this.picture, this.#open, moment);
    const answer = decision(deciding, moment);
    admitNow(deciding);
    this.#commit();
    return answer;
  }

  #commit(): void {
    while (countRows(this.#open) > 0) {
      const sealed = this.#open;
      this.#open = createChangeSet();
      withoutLost(sealed);
      for (const run of sealed.runs) this.#runs.set(run.id, run);
      const head = { schedulerId: 's', commitSeq: BigInt(this.commits.length + 1) };
      const request = sealCommit(sealed, { ...head, epochOf: () => 1n });
      this.commits.push(request);
      holdBack(this.picture, sealed);
      settleCommit(this.picture, sealed, create(CommitResponseSchema), this.#nowMs);
      forgetTaken(this.picture, sealed);
      const moment = this.#moment();
      const deciding = createDeciding(this.picture, this.#open, moment);
      receiveDeliveries(deciding, moment, deliveriesOf(this.picture, request.assetEvents));
      admitNow(deciding);
    }
  }

  #moment(): Moment {
    const newId = () => `00000000-0000-7000-8000-${String(++this.#idsCount).padStart(12, '0')}`;
    return { nowMs: this.#nowMs, monotonicMs: this.#nowMs, newId };
  }
}

function loadedOf(specs: readonly DagSpec[], rows: LedgerRows, options: SimulationOptions) {
  const { runs, taskInstances, attempts, cursors, slotsUsed } = rows;
  const { backfills, deadlines, slaMisses } = rows;
  const pools = { default_pool: DEFAULT_POOL_SLOTS, ...options.pools };
  const paused = new Set(options.pausedDagIds);
  return {
    pools: Object.entries(pools).map(([pool, slots]) =>
      create(PoolStateSchema, { pool, slots, used: slotsUsed.get(pool) ?? 0 }),
    ),
    versions: specs.map((spec, index) =>
      create(DagVersionRecordSchema, { dagVersionId: BigInt(index + 1), dagId: spec.dagId, spec }),
    ),
    dags: specs.map(({ dagId }, index) =>
      create(DagRecordSchema, {
        dagId,
        dagVersionId: BigInt(index + 1),
        isActive: true,
        isPaused: paused.has(dagId),
        ...(cursors.has(dagId) ? { cursor: cursors.get(dagId) } : {}),
      }),
    ),
    ...{ runs, taskInstances, attempts },
    ...{ backfills, deadlines, slaMisses },
    ...{ receipts: [], deliveries: [], keyPauses: [], runAssetEvents: [] },
  };
}
