// The performers on the other side of the door: attempts are told to them, and what they say of
// their attempts comes back here.
import { fromJson, type JsonObject, toJson } from '@bufbuild/protobuf';
import { AttemptReportSchema, type Lease, LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { Code, ConnectError, fail, messageOf } from '#kernel/errors/errors.ts';
import { jsonIn, numberIn, objectIn, textIn } from './line.ts';
import type { Perform, Performance, Stage } from './player.ts';
import { isWait, outcomeOf } from './report.ts';
import { answerCall, type CallParts, isCallName } from './task-calls.ts';

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
  const performing = new Map<string, Performing>();

  const perform = (lease: Lease, stage: Stage) =>
    new Promise<Performance>((resolve, reject) => {
      const { attemptId } = lease;
      performing.set(attemptId, { stage, end: resolve, break: reject });
      stage.signal.addEventListener('abort', () => {
        say({ event: 'stop', attempt: attemptId, reason: messageOf(stage.signal.reason) });
      });
      say({
        event: 'perform',
        attempt: attemptId,
        now_ms: stage.nowMs(),
        lease: toJson(LeaseSchema, lease) as JsonObject,
      });
    });

  const end = (attempt: string, message: JsonObject, performer: Performing) => {
    performing.delete(attempt);
    const report = fromJson(AttemptReportSchema, objectIn(message, 'report'));
    const { memory, simulation } = parts;
    if (isWait(report)) for (const xcom of report.xcoms) memory.push(attempt, xcom);
    const instance = simulation.picture.attempts.get(attempt)?.instance;
    const pushed = instance === undefined ? new Map() : memory.valuesOf(instance, attempt);
    const tookMs = numberIn(message, 'took_ms') ?? 0;
    performer.end({ outcome: outcomeOf(report, pushed), tookMs });
  };

  const call = async (attempt: string, message: JsonObject) => {
    const answer = { event: 'answer', attempt, call: numberIn(message, 'call') ?? 0 };
    try {
      const output = await answerOf(attempt, message);
      say({ ...answer, output });
    } catch (error) {
      say({ ...answer, error: { code: codeOf(error), message: messageOf(error) } });
    }
  };

  const answerOf = (attemptId: string, message: JsonObject) => {
    const method = textIn(message, 'method');
    if (!isCallName(method)) throw fail('method_not_found', `there is no call "${method}"`);
    const attempt = parts.simulation.picture.attempts.get(attemptId);
    if (attempt === undefined) throw fail('stale_attempt', 'the attempt is not live any more');
    return answerCall(
      { method, input: JSON.parse(jsonIn(message, 'input') || '{}'), attempt },
      parts,
    );
  };

  const hear = (message: JsonObject) => {
    const attempt = textIn(message, 'attempt');
    const performer = performing.get(attempt);
    // It was stopped while this was on its way.
    if (performer === undefined) return;
    try {
      if (message['op'] === 'outcome') end(attempt, message, performer);
      else if (message['op'] === 'call') void call(attempt, message);
      else void sleep(attempt, numberIn(message, 'ms') ?? 0, performer);
    } catch (error) {
      performer.break(error);
    }
  };

  const sleep = async (attempt: string, ms: number, { stage }: Performing) => {
    await stage.sleep(ms);
    say({ event: 'awake', attempt, now_ms: stage.nowMs() });
  };

  return { perform, hear };
}

/** The gRPC status of an error in lower case, e.g. `not_found`. */
function codeOf(error: unknown): string {
  const code = error instanceof ConnectError ? error.code : Code.InvalidArgument;
  return (Code[code] ?? 'Unknown')
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase();
}
