// The life of one session: Hello, then messages in both directions until the stream ends, and what
// its end means.
//
// A session is greeting → open → over. When its worker closes the stream after Drain, or without
// attempts, the worker is gone at once. When the stream breaks, the worker is only suspect: it goes
// on working and is expected back before its TTL ends.
import type { SessionRequest } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { fail } from '#kernel/errors/errors.ts';
import { addCredit } from '../../core/credit.ts';
import { accept, hear } from '../../core/heartbeat.ts';
import type { WorkerEntry } from '../../core/roster.ts';
import type { Link } from '../link.ts';
import { hearList, nowOf, refreshTokens, type WorkerDesk } from './desk.ts';
import { greet } from './greeting.ts';
import { Outbox, type SessionMessage } from './outbox.ts';
import { createStreamLink } from './stream-link.ts';

/**
 * How long after the last message of a broken stream it is known, at the latest, that the stream
 * broke.
 */
const BREAK_KNOWN_MS = 20;

type Session = {
  readonly worker: WorkerEntry;
  readonly link: Link;
  readonly outbox: Outbox;
};

/**
 * Serves one stream: reads what the worker says, and yields what it is told. Errors: see the
 * contract.
 */
export async function* serveSession(
  desk: WorkerDesk,
  requests: AsyncIterable<SessionRequest>,
  signal: AbortSignal,
): AsyncGenerator<SessionMessage> {
  const outbox = new Outbox();
  const over = new AbortController();
  const incoming = requests[Symbol.asyncIterator]();
  void read(
    desk,
    { [Symbol.asyncIterator]: () => incoming },
    { outbox, over: over.signal, signal },
  );
  try {
    yield* outbox.messages(signal);
  } finally {
    over.abort();
    // Not waited for: an iterator that waits for its next message returns only after that.
    void incoming.return?.();
  }
}

async function read(
  desk: WorkerDesk,
  requests: AsyncIterable<SessionRequest>,
  way: {
    readonly outbox: Outbox;
    /** Aborts when nothing more is sent. */
    readonly over: AbortSignal;
    /** Aborts when the stream breaks. */
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { outbox, over, signal } = way;
  const link = createStreamLink(outbox);
  let session: Session | undefined;
  let failure: unknown;
  try {
    for await (const { message } of requests) {
      if (session !== undefined) {
        if (!isCurrent(desk, session)) break;
        handle(desk, session, message);
        continue;
      }
      if (message.case !== 'hello') {
        throw fail('hello_expected', 'the first message of a session must be Hello');
      }
      const sessionId = uuidV7(desk.clock.nowMs());
      const worker = await greet(desk, message.value, { outbox, link, sessionId });
      if (worker === undefined) break;
      session = { worker, link, outbox };
      desk.onCredit();
    }
  } catch (error) {
    failure = error;
  }
  if (session !== undefined && failure === undefined) {
    // The messages of a stream that breaks end just as those of one that was closed; which it was
    // shows a moment later.
    await desk.clock.sleep(BREAK_KNOWN_MS, AbortSignal.any([signal, over]));
  }
  if (session !== undefined && isCurrent(desk, session)) {
    close(desk, session, { isClean: failure === undefined && !signal.aborted && !over.aborted });
  }
  outbox.end(failure);
}

function handle(desk: WorkerDesk, session: Session, message: SessionRequest['message']): void {
  const { endings, events, clock } = desk;
  const { worker, link, outbox } = session;
  hear(worker, nowOf(desk));
  switch (message.case) {
    case 'credit':
      addCredit(worker, message.value.slots);
      return desk.onCredit();
    case 'accepted':
      return accept(worker, message.value.attemptIds, clock.monotonicMs());
    case 'heartbeat': {
      const { attemptIds } = message.value;
      const lostAttemptIds = hearList(desk, worker, attemptIds);
      const refreshedTokens = refreshTokens(desk, worker);
      // Sent even when there is nothing to say: a worker that hears nothing ends its attempts.
      outbox.control({ case: 'heartbeatResult', value: { lostAttemptIds, refreshedTokens } });
      return desk.onCredit();
    }
    case 'finished':
      for (const report of message.value.reports) {
        endings.finish(worker.workerId, report, (result) => link.recorded(result));
      }
      return desk.onCredit();
    case 'cancelProgress':
      return events.cancelProgress(worker.workerId, message.value);
    case 'drain':
      worker.state = 'draining';
      return events.workerDraining(worker);
    default:
      throw fail('bad_request', 'Hello is said once, at the beginning of a session');
  }
}

function isCurrent({ links }: WorkerDesk, { worker, link }: Session): boolean {
  return links.get(worker.workerId) === link;
}

function close(desk: WorkerDesk, session: Session, how: { readonly isClean: boolean }): void {
  const { roster, links, endings, events } = desk;
  const { worker } = session;
  const { workerId } = worker;
  links.delete(workerId);
  const isGone = how.isClean && (worker.state === 'draining' || worker.held.size === 0);
  if (!isGone) {
    worker.state = 'suspect';
    return events.workerSuspect(worker);
  }
  const left = [...worker.held.values()];
  roster.workers.delete(workerId);
  for (const attempt of left) {
    const kind = attempt.phase === 'leased' ? 'rejected' : 'lost';
    endings.giveUp(attempt, { kind, reason: `worker ${workerId} left without finishing it` });
  }
  events.workerLeft(worker);
}
