// Hello and Welcome: how a worker joins, or comes back with attempts and outcomes of an earlier
// session.
import type { AttemptReport } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus, type Hello } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { ClaimedAttempt } from '../../attempts/adopter.ts';
import { accept } from '../../core/heartbeat.ts';
import { LOG_CHUNK_MAX, XCOM_SIZE_MAX } from '../../core/limits.ts';
import { type Resumption, resume } from '../../core/resume.ts';
import { newWorker, type WorkerEntry } from '../../core/roster.ts';
import type { Link, ResultInit } from '../link.ts';
import { nowOf, spansOf, type WorkerDesk } from './desk.ts';
import type { Outbox } from './outbox.ts';

/** Oldest version of the protocol that is understood here. */
const PROTOCOL_VERSION_MIN = 1;

/** How long Welcome waits for the verdict on outcomes sent along; later ones follow as Recorded. */
const VERDICT_WAIT_MS = 1_500;

/**
 * Puts the worker on the roster, in the place of its earlier session if there was one, and sends
 * Welcome. Undefined when it said Hello on yet another stream meanwhile. Throws `protocol_too_old`.
 */
export async function greet(
  desk: WorkerDesk,
  hello: Hello,
  way: { readonly outbox: Outbox; readonly link: Link; readonly sessionId: string },
): Promise<WorkerEntry | undefined> {
  checkVersion(hello);
  const { roster, links, events } = desk;
  const { workerId } = hello;
  const previous = roster.workers.get(workerId);
  links.get(workerId)?.end();
  links.delete(workerId);
  const worker = newWorker(profileOf(hello), nowOf(desk));
  worker.drainReason = previous?.drainReason;
  roster.workers.set(workerId, worker);

  const { held, endedIds } = readTokens(desk, hello.heldAttemptTokens);
  const reported = readTokens(
    desk,
    hello.unacknowledged.map(({ attemptToken }) => attemptToken),
  );
  const reportedIds = new Set(reported.held.map(({ attemptId }) => attemptId));
  const claimed = {
    held: held.filter(({ attemptId }) => !reportedIds.has(attemptId)),
    reportedIds,
  };
  const resumption = resume(roster, worker, previous, claimed);
  giveUpMissing(desk, worker, resumption);
  const unknown = claimed.held.filter((name) => resumption.unknown.includes(name));
  const [disownedIds, verdicts] = await Promise.all([
    desk.adopter.adopt(worker, unknown),
    recordAll(desk, worker, hello.unacknowledged, way.link),
  ]);
  if (roster.workers.get(workerId) !== worker) return undefined;

  const lostIds = [...endedIds, ...resumption.lostIds, ...disownedIds];
  for (const attemptId of disownedIds) worker.leaving.add(attemptId);
  accept(worker, [...worker.held.keys()], desk.clock.monotonicMs());
  const resumed = [
    ...lostIds.map((attemptId) => ({ attemptId, status: AttemptStatus.STALE })),
    ...[...worker.held.keys()].map((attemptId) => ({ attemptId, status: AttemptStatus.KEEP })),
    ...verdicts,
  ];
  way.outbox.welcome({ case: 'welcome', value: welcomeOf(desk, way.sessionId, resumed) });
  worker.slots = hello.slots;
  worker.state = worker.drainReason === undefined ? 'active' : 'draining';
  links.set(workerId, way.link);
  repeatOrders(worker, way.link);
  events.workerJoined(worker, resumed.length);
  return worker;
}

function checkVersion({ protocolVersion }: Hello): void {
  if (protocolVersion >= PROTOCOL_VERSION_MIN) return;
  throw fail(
    'protocol_too_old',
    `version ${protocolVersion} of the protocol is too old; use ${PROTOCOL_VERSION_MIN} or later`,
  );
}

function profileOf(hello: Hello) {
  const { workerId, language, sdk, labels, queues } = hello;
  return { workerId, kind: 'stream' as const, language, sdk, labels, queues };
}

/**
 * The attempts that tokens name, each once: those whose token holds, and the ids of those whose
 * token has ended.
 */
export function readTokens(
  { tokens }: Pick<WorkerDesk, 'tokens'>,
  given: readonly string[],
): { held: ClaimedAttempt[]; endedIds: string[] } {
  const held = new Map<string, ClaimedAttempt>();
  const endedIds = new Set<string>();
  for (const token of given) {
    const claims = tokens.read(token);
    const ended = claims === undefined ? tokens.readEnded(token) : undefined;
    if (claims !== undefined) held.set(claims.attemptId, claims);
    if (ended !== undefined) endedIds.add(ended.attemptId);
  }
  return { held: [...held.values()], endedIds: [...endedIds] };
}

/** What was sent to the worker's earlier session and is now neither held nor reported. */
function giveUpMissing(desk: WorkerDesk, worker: WorkerEntry, missing: Resumption): void {
  const { workerId } = worker;
  for (const attempt of missing.unstarted) {
    const reason = `worker ${workerId} came back without having received it`;
    desk.endings.giveUp(attempt, { kind: 'rejected', reason });
  }
  for (const attempt of missing.vanished) {
    const reason = `worker ${workerId} came back without it`;
    desk.endings.giveUp(attempt, { kind: 'lost', reason });
  }
  // It does not have them, so they take no slot of it.
  for (const { attemptId } of [...missing.unstarted, ...missing.vanished]) {
    worker.leaving.delete(attemptId);
  }
}

/**
 * Records outcomes sent along; answers the verdicts that come in time and leaves the others to the
 * link.
 */
async function recordAll(
  desk: WorkerDesk,
  worker: WorkerEntry,
  reports: readonly AttemptReport[],
  link: Link,
): Promise<ResultInit[]> {
  if (reports.length === 0) return [];
  const verdicts: ResultInit[] = [];
  const all = new AbortController();
  let isLate = false;
  for (const report of reports) {
    desk.endings.finish(worker.workerId, report, (result) => {
      if (isLate) return link.recorded(result);
      verdicts.push(result);
      if (verdicts.length === reports.length) all.abort();
    });
  }
  await desk.clock.sleep(VERDICT_WAIT_MS, all.signal);
  isLate = true;
  return verdicts;
}

function welcomeOf(desk: WorkerDesk, sessionId: string, resumed: ResultInit[]) {
  return {
    sessionId,
    ...spansOf(desk),
    killGrace: toDuration(desk.timing.killGraceMs),
    xcomSizeMax: XCOM_SIZE_MAX,
    logChunkMax: LOG_CHUNK_MAX,
    logSizeMax: BigInt(desk.logSizeMax),
    resumed,
  };
}

/** Cancels and drains that were told to the earlier session may have been lost with it. */
function repeatOrders(worker: WorkerEntry, link: Link): void {
  for (const { attemptId, cancel } of worker.held.values()) {
    if (cancel !== undefined) link.cancel([attemptId], cancel);
  }
  if (worker.drainReason !== undefined) link.drain(worker.drainReason);
}
