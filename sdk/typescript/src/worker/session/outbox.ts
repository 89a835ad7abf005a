// Outcomes that are not known to be recorded: kept until the mesh says so, and offered again after
// each reconnect.
import type { AttemptReport } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';

const REPORTS_MAX = 1_000;
const BATCH_BYTES_MAX = 2 * 1024 * 1024;

type Kept = { readonly report: AttemptReport; isSent: boolean };

/**
 * Reports by attempt. It holds no more of them than the worker has slots, since an unrecorded one
 * brings no new lease.
 */
export class Outbox {
  readonly #kept = new Map<string, Kept>();

  get size(): number {
    return this.#kept.size;
  }

  get attemptIds(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /** Tokens of the attempts whose outcome was not sent on this stream. */
  get unsentTokens(): readonly string[] {
    const unsent = [...this.#kept.values()].filter(({ isSent }) => !isSent);
    return unsent.map(({ report }) => report.attemptToken);
  }

  add(attemptId: string, report: AttemptReport): void {
    this.#kept.set(attemptId, { report, isSent: false });
  }

  /** The mesh has given its verdict. */
  settle(attemptId: string): void {
    this.#kept.delete(attemptId);
  }

  /** A token was replaced. */
  refresh(attemptId: string, token: string): void {
    const kept = this.#kept.get(attemptId);
    if (kept !== undefined) kept.report.attemptToken = token;
  }

  /** The stream broke: everything has to be offered again. */
  rewind(): void {
    for (const kept of this.#kept.values()) kept.isSent = false;
  }

  /** The next reports that were not sent on this stream, as many as fit into one message. */
  nextBatch(): AttemptReport[] {
    const batch: AttemptReport[] = [];
    let bytesCount = 0;
    for (const kept of this.#kept.values()) {
      if (kept.isSent) continue;
      bytesCount += bytesOf(kept.report);
      if (batch.length > 0 && bytesCount > BATCH_BYTES_MAX) break;
      batch.push(kept.report);
      kept.isSent = true;
      if (batch.length === REPORTS_MAX) break;
    }
    return batch;
  }
}

/** Near enough: what can be large is counted, the rest is allowed for. */
function bytesOf({ xcoms, error }: AttemptReport): number {
  const values = xcoms.reduce((sum, { valueJson }) => sum + valueJson.length, 0);
  return 1_000 + values + (error?.message.length ?? 0) + (error?.stack.length ?? 0);
}
