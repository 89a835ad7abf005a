// A scheduler without a mesh: the same decisions as in production, over DAGs in memory and a clock
// that stands still until it is moved.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import {
  type CommitRequest,
  CommitResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptOutcomeSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Attempt } from '../core/attempt/attempt.ts';
import type { Dag } from '../core/dag.ts';
import { admitNow, createDeciding, type Deciding } from '../core/deciding.ts';
import { createPicture, type Moment, type Picture } from '../core/picture.ts';
import type { Run, RunRequest } from '../core/run/run.ts';
import { createRun } from '../core/run/runs.ts';
import { nextDueMs } from '../core/agenda.ts';
import { receiveDeliveries } from '../core/asset/deliveries.ts';
import { forgetTaken } from '../core/asset/take-events.ts';
import { type ChangeSet, countRows, createChangeSet, withoutLost } from '../core/change-set.ts';
import { isLive, leaseInto } from '../core/attempt/leases.ts';
import { recordOutcome } from '../core/attempt/outcomes.ts';
import { sealCommit } from '../core/load/rows.ts';
import { reschedule } from '../core/schedule/schedule.ts';
import { holdBack, settleCommit } from '../core/attempt/settle-commit.ts';
import { keepAgenda } from '../core/sweep.ts';
import { type Beginning, beginIn } from './ledger/beginning.ts';
import { deliveriesOf } from './ledger/deliveries.ts';
import { answerPast } from './ledger/past-ledger.ts';
import { answerSlas } from './ledger/sla-ledger.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';

/** A DAG as authors' SDKs hand it over. */
export type DagInit = MessageInitShape<typeof DagSpecSchema>;
export type OutcomeInit = Omit<
  MessageInitShape<typeof AttemptOutcomeSchema>,
  'attemptId' | 'epoch' | '$typeName' | '$unknown'
>;

/** Where a simulation begins. */
export type SimulationOptions = Beginning & {
  /** The clock's first reading, epoch milliseconds. */
  readonly startMs: number;
  readonly mappingMax?: number;
  /** True: schedules make no runs before `startSchedules`. Default: false. */
  readonly areSchedulesHeld?: boolean;
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
    const runs = beginIn(this.picture, specs, options, this.#moment());
    for (const run of runs) this.#runs.set(run.id, run);
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
    if (this.picture.slasWanted.size > 0) answerSlas(this, this.runs());
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
