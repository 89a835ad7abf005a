// The heart: decisions change the picture at once, one commit at a time carries them to the ledger,
// and only then is anybody answered. What is decided while a commit is under way goes into the next
// one.
import type { CommitResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import type { Attempt } from '../../core/attempt/attempt.ts';
import type { LeaseWaiter } from '../../core/attempt/offer.ts';
import { admitNow, createDeciding, type Deciding, followRefused } from '../../core/deciding.ts';
import type { Instance } from '../../core/instance.ts';
import {
  createPicture,
  type Moment,
  type Picture,
  type PictureTiming,
} from '../../core/picture.ts';
import { type ChangeSet, countRows, isFull, withoutLost } from '../../core/change-set.ts';
import { serveWaiters } from '../../core/attempt/leases.ts';
import { sealCommit } from '../../core/load/rows.ts';
import { holdBack, settleCommit } from '../../core/attempt/settle-commit.ts';
import {
  believedMs,
  confirmJump,
  createWallClock,
  type WallClock,
} from '../../core/schedule/wall-clock.ts';
import type { SchedulerEvents } from '../../events.ts';
import { type Batch, createBatch } from './batch.ts';
import { type CommitClient, Committer } from './committer.ts';
import type { Ownership } from './ownership.ts';
import { type Wait, WaitingRoom } from './waiting-room.ts';

/** A decision: changes the picture, and answers what its caller is told after the commit. */
export type Decision<T> = (deciding: Deciding, moment: Moment) => T;

export type Engine = {
  /** The picture of now; another object after a reset. */
  picture(): Picture;
  moment(): Moment;
  /**
   * Decides, and resolves once the commit that carries it (and all before it) is answered. Waits
   * first while the next commit is full. Rejects with `not_owner` when the picture was dropped
   * meanwhile, and with what the decision threw; one that throws must have changed nothing.
   */
  decide<T>(decision: Decision<T>): Promise<T>;
  /** Decides at once, however much waits for the ledger: for what has happened already. */
  decideNow<T>(decision: Decision<T>): Promise<T>;
  /** True while a change of an instance is not answered: it may never have been. */
  isPending(instance: Instance): boolean;
  /** Waits for leases until they come, the time is over, or the signal aborts. */
  waitForLeases(waiter: LeaseWaiter, wait: Wait): Promise<readonly Attempt[]>;
  /**
   * Looks whether the wall clock jumped; a jump is believed when it is still there the next time.
   */
  checkClock(): void;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
  /** Ends: what is under way is finished within seconds, nothing new is taken. */
  stop(): Promise<void>;
};

export type EngineOptions = {
  readonly ledger: CommitClient;
  readonly ownership: Ownership;
  readonly timing: PictureTiming;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  /** Called after each commit with what it changed, and after each decision. */
  readonly onCommitted: (changes: ChangeSet) => void;
  readonly onDecided: () => void;
};

/** An engine with an empty picture. */
export function createEngine(options: EngineOptions): Engine {
  return new CommitEngine(options);
}

class CommitEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #committer: Committer;
  readonly #room: WaitingRoom;
  readonly #wallClock: WallClock;
  #picture: Picture;
  /** What the next commit carries. */
  #open = createBatch();
  #underWay: Batch | undefined;
  #isStopping = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#committer = new Committer(options);
    this.#room = new WaitingRoom(options.clock);
    this.#wallClock = createWallClock(this.#readClocks());
    this.#picture = createPicture(options.timing);
  }

  picture(): Picture {
    return this.#picture;
  }

  moment(): Moment {
    const reading = this.#readClocks();
    const nowMs = believedMs(this.#wallClock, reading);
    return { nowMs, monotonicMs: reading.monotonicMs, newId: () => uuidV7(nowMs) };
  }

  async decide<T>(decision: Decision<T>): Promise<T> {
    // What fills up while a commit is under way is sealed when that is answered.
    while (this.#underWay !== undefined && isFull(this.#open.changes)) {
      await this.#underWay.answered.promise.catch(() => undefined);
    }
    return this.decideNow(decision);
  }

  async decideNow<T>(decision: Decision<T>): Promise<T> {
    if (this.#isStopping) throw fail('unreachable', 'this scheduler stops; ask another');
    const moment = this.moment();
    const deciding = createDeciding(this.#picture, this.#open.changes, moment);
    const answer = decision(deciding, moment);
    this.#afterDeciding(deciding, moment);
    const batch = countRows(this.#open.changes) > 0 ? this.#open : this.#underWay;
    void this.#flush();
    await batch?.answered.promise;
    return answer;
  }

  isPending(instance: Instance): boolean {
    const batches = [this.#open, this.#underWay];
    return batches.some((batch) => batch?.changes.instances.has(instance));
  }

  waitForLeases(waiter: LeaseWaiter, wait: Wait): Promise<readonly Attempt[]> {
    return this.#room.wait(waiter, wait, () => this.#picture);
  }

  checkClock(): void {
    const jumpMs = confirmJump(this.#wallClock, this.#readClocks());
    if (jumpMs !== undefined) this.#options.events.clockJumped(jumpMs);
  }

  async idle(): Promise<void> {
    while (this.#underWay !== undefined) {
      await this.#underWay.answered.promise.catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#room.close();
    this.#committer.stop();
    await this.idle();
    this.#committer.stopped();
  }

  #readClocks() {
    const { clock } = this.#options;
    return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }

  /** Admits what was freed and serves those who wait for work, in the same commit. */
  #afterDeciding(deciding: Deciding, moment: Moment): void {
    admitNow(deciding);
    serveWaiters(this.#picture, deciding.changes, moment);
    // Whoever wants to know that what they got begins is told in the same commit.
    if (this.#picture.begun.size > 0) admitNow(deciding);
    this.#room.dismissServed(this.#open.answered.promise);
    this.#options.onDecided();
  }

  async #flush(): Promise<void> {
    if (this.#underWay !== undefined) return;
    while (countRows(this.#open.changes) > 0) {
      const batch = this.#open;
      this.#underWay = batch;
      this.#open = createBatch();
      await this.#carry(batch);
      this.#underWay = undefined;
    }
  }

  async #carry({ changes, answered }: Batch): Promise<void> {
    const { ownership, clock, events } = this.#options;
    try {
      withoutLost(changes);
      const rowsCount = countRows(changes);
      if (rowsCount > 0) {
        const request = sealCommit(changes, ownership.head());
        holdBack(this.#picture, changes);
        const startedMs = clock.monotonicMs();
        const response = await this.#committer.commit(request);
        ownership.committed(request.commitSeq);
        events.committed(rowsCount, clock.monotonicMs() - startedMs);
        this.#settle(changes, response);
      }
      answered.resolve();
      this.#options.onCommitted(changes);
    } catch (error) {
      this.#reset(error, answered);
    }
  }

  #settle(changes: ChangeSet, response: CommitResponse): void {
    const moment = this.moment();
    settleCommit(this.#picture, changes, response, moment.monotonicMs);
    const deciding = createDeciding(this.#picture, this.#open.changes, moment);
    followRefused(deciding, moment, changes);
    this.#afterDeciding(deciding, moment);
  }

  /** The ledger refused everything: whoever waits is told, and the picture is built anew. */
  #reset(error: unknown, answered: Batch['answered']): void {
    const { events, ownership, timing } = this.#options;
    events.pictureDropped(error, reasonOf(error));
    const later = this.#open;
    this.#open = createBatch();
    for (const dag of this.#picture.dags.values()) dag.isOwned = false;
    this.#picture = createPicture(timing);
    this.#room.moveTo(this.#picture);
    ownership.dropAll();
    for (const lost of [answered, later.answered]) {
      lost.reject(fail('not_owner', 'this scheduler lost its partitions; ask the new owner'));
    }
  }
}
