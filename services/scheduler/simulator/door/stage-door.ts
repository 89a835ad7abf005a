// The performers on the other side of the door: attempts are told to them, and what they say of
// their attempts comes back here.
import { type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf';
import { AttemptReportSchema, type Lease, LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { Code, ConnectError, fail, messageOf } from '#kernel/errors/errors.ts';
import { contractOf, numberIn, objectIn, textIn } from './line.ts';
import { requireJson } from '../ledger/memory.ts';
import type { Performance, Stage } from '../cast.ts';
import type { Perform } from '../player.ts';
import { isWait, outcomeOf } from '../task/report.ts';
import { answerCall, type CallParts, isCallName } from '../task/task-calls.ts';

/** Says something to the other side. */
export type Say = (message: JsonObject) => void;

/** Performs attempts by telling the other side of them. */
export type StageDoor = {
  readonly perform: Perform;
  /** Takes in what was said of an attempt: `outcome`, `sleep` or `call`. */
  hear(message: JsonObject): void;
};

type Performing = {
  readonly stage: Stage;
  readonly end: (performance: Performance) => void;
  readonly break: (error: unknown) => void;
};

/** A stage door that speaks through `say`. */
export function createStageDoor(parts: CallParts, say: Say): StageDoor {
  return new Porter(parts, say);
}

class Porter implements StageDoor {
  readonly #parts: CallParts;
  readonly #say: Say;
  readonly #performing = new Map<string, Performing>();

  constructor(parts: CallParts, say: Say) {
    this.#parts = parts;
    this.#say = say;
  }

  readonly perform = (lease: Lease, stage: Stage): Promise<Performance> => {
    const { attemptId: attempt } = lease;
    const { signal } = stage;
    return new Promise((resolve, reject) => {
      this.#performing.set(attempt, { stage, end: resolve, break: reject });
      signal.addEventListener('abort', () => {
        this.#performing.delete(attempt);
        this.#say({ event: 'stop', attempt, reason: messageOf(signal.reason) });
      });
      const told = toJson(LeaseSchema, lease);
      this.#say({ event: 'perform', attempt, now_ms: stage.nowMs(), lease: told });
    });
  };

  hear(message: JsonObject): void {
    const attempt = textIn(message, 'attempt');
    const performer = this.#performing.get(attempt);
    // It was stopped while this was on its way.
    if (performer === undefined) return;
    try {
      if (message['op'] === 'outcome') this.#end(attempt, message, performer);
      else if (message['op'] === 'call') void this.#call(attempt, message);
      else void this.#sleep(attempt, numberIn(message, 'ms') ?? 0, performer);
    } catch (error) {
      performer.break(error);
    }
  }

  #end(attempt: string, message: JsonObject, performer: Performing): void {
    const report = contractOf(AttemptReportSchema, objectIn(message, 'report'), 'report');
    report.xcoms.forEach(requireJson);
    const tookMs = numberIn(message, 'took_ms') ?? 0;
    const { memory, simulation } = this.#parts;
    this.#performing.delete(attempt);
    if (isWait(report)) for (const xcom of report.xcoms) memory.push(attempt, xcom);
    const instance = simulation.picture.attempts.get(attempt)?.instance;
    const pushed = instance === undefined ? new Map() : memory.valuesOf(instance, attempt);
    performer.end({ outcome: outcomeOf(report, pushed), tookMs });
  }

  async #sleep(attempt: string, ms: number, { stage }: Performing): Promise<void> {
    await stage.sleep(ms);
    if (stage.signal.aborted) return;
    this.#say({ event: 'awake', attempt, now_ms: stage.nowMs() });
  }

  async #call(attempt: string, message: JsonObject): Promise<void> {
    const answer = { event: 'answer', attempt, call: numberIn(message, 'call') ?? 0 };
    try {
      const output = await this.#answerOf(attempt, message);
      this.#say({ ...answer, output });
    } catch (error) {
      this.#say({ ...answer, error: { code: codeOf(error), message: messageOf(error) } });
    }
  }

  async #answerOf(attemptId: string, message: JsonObject): Promise<JsonValue> {
    const method = textIn(message, 'method');
    if (!isCallName(method)) throw fail('method_not_found', `there is no call "${method}"`);
    const attempt = this.#parts.simulation.picture.attempts.get(attemptId);
    if (attempt === undefined) throw fail('stale_attempt', 'the attempt is not live any more');
    const input = objectIn(message, 'input');
    return answerCall({ method, input, attempt }, this.#parts);
  }
}

/** The gRPC status of an error in lower case, e.g. `not_found`. */
function codeOf(error: unknown): string {
  const code = error instanceof ConnectError ? error.code : Code.InvalidArgument;
  return (Code[code] ?? 'Unknown')
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase();
}
