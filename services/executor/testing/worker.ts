// For tests: a worker that holds a session over grpc-js, and says only what the test wants.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttemptReport,
  AttemptReportSchema,
  type Lease,
  Outcome,
} from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import {
  type AttemptResult,
  type HelloSchema,
  type SessionRequestSchema,
  type SessionResponse,
  type Welcome,
  WorkerService,
} from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { createMessageQueue } from '#kernel/rpc/message-queue.ts';
import { eventuallyGives } from '../../../tests/kit/wait.ts';

type Saying = MessageInitShape<typeof SessionRequestSchema>['message'];
type SaidReport = Omit<MessageInitShape<typeof AttemptReportSchema>, 'attemptToken' | '$typeName'>;

/** A worker in the hands of a test. */
export type TestWorker = {
  readonly workerId: string;
  /** Everything heard, in order. */
  readonly heard: SessionResponse['message'][];
  /** Every lease that came, in order, alone or with Recorded. */
  readonly leases: Lease[];
  /** Every verdict that came with Recorded, in order. */
  readonly results: AttemptResult[];
  readonly lostIds: string[];
  readonly cancelledIds: string[];
  /** How the stream ended; undefined while it is open. */
  ended: { readonly error: unknown } | undefined;
  say(message: Saying): void;
  /** Says that the code of these was started. */
  accept(...leases: readonly Lease[]): void;
  /** Reports an outcome, success unless told otherwise. */
  finish(lease: Pick<Lease, 'attemptToken'>, report?: SaidReport): void;
  /** Waits for the lease of that number, from 1. */
  lease(number: number): Promise<Lease>;
  /** Waits for the verdict on an attempt. */
  result(attemptId: string): Promise<AttemptResult>;
  /** Closes the stream as a worker does that leaves. */
  close(): void;
  /** Breaks the stream without a word. */
  breakOff(): void;
};

const DEADLINE_MS = 30_000;

/** Connects, says Hello and waits for Welcome. */
export async function joinWorker(
  client: Client<typeof WorkerService>,
  hello: MessageInitShape<typeof HelloSchema> = {},
): Promise<TestWorker & { readonly welcome: Welcome }> {
  const worker = connectWorker(client, hello.workerId ?? 'worker-1');
  worker.say({ case: 'hello', value: helloOf({ workerId: worker.workerId, ...hello }) });
  const welcome = await eventuallyGives(
    () => {
      if (worker.ended !== undefined) throw worker.ended.error;
      const [first] = worker.heard;
      return first?.case === 'welcome' ? first.value : undefined;
    },
    { deadlineMs: DEADLINE_MS, what: 'Welcome has come', pollMs: 2 },
  );
  return Object.assign(worker, { welcome });
}

/** Hello of a worker with one slot on `default`, unless told otherwise. */
export function helloOf(hello: MessageInitShape<typeof HelloSchema>) {
  const usual = {
    protocolVersion: 1,
    language: 'test',
    sdk: 'test 1',
    queues: ['default'],
    slots: 1,
  };
  return { ...usual, ...hello };
}

/**
 * Says Heartbeat for these attempts again and again, often enough for the spans of these tests,
 * until it is stopped.
 */
export function beat(worker: TestWorker, attemptIds: readonly string[]): { stop(): void } {
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      worker.say({ case: 'heartbeat', value: { attemptIds: [...attemptIds] } });
      await systemClock.sleep(100, stopping.signal);
    }
  };
  void run();
  return { stop: () => stopping.abort() };
}

/** A report of success, unless told otherwise. */
export function reportOf(attemptToken: string, report: SaidReport = {}): AttemptReport {
  return create(AttemptReportSchema, { outcome: Outcome.SUCCESS, ...report, attemptToken });
}

/** Opens a session and says nothing yet. */
export function connectWorker(client: Client<typeof WorkerService>, workerId: string): TestWorker {
  const saying = createMessageQueue<MessageInitShape<typeof SessionRequestSchema>>({
    messagesMax: 100_000,
  });
  const call = new AbortController();
  const worker: TestWorker = {
    workerId,
    heard: [],
    leases: [],
    results: [],
    lostIds: [],
    cancelledIds: [],
    ended: undefined,
    say: (message) => saying.push({ message }),
    accept: (...leases) =>
      worker.say({
        case: 'accepted',
        value: { attemptIds: leases.map(({ attemptId }) => attemptId) },
      }),
    finish: ({ attemptToken }, report = {}) =>
      worker.say({
        case: 'finished',
        value: { reports: [reportOf(attemptToken, report)] },
      }),
    lease: (number) =>
      eventuallyGives(() => worker.leases[number - 1], {
        deadlineMs: DEADLINE_MS,
        what: `lease ${number} has come`,
        pollMs: 2,
      }),
    result: (attemptId) =>
      eventuallyGives(() => worker.results.find((each) => each.attemptId === attemptId), {
        deadlineMs: DEADLINE_MS,
        what: `attempt ${attemptId} has its verdict`,
        pollMs: 2,
      }),
    close: () => saying.end(),
    breakOff: () => call.abort(),
  };
  void listen(worker, client.session(saying, { signal: call.signal }));
  return worker;
}

async function listen(worker: TestWorker, answers: AsyncIterable<SessionResponse>): Promise<void> {
  try {
    for await (const { message } of answers) {
      worker.heard.push(message);
      if (message.case === 'leases') worker.leases.push(...message.value.leases);
      if (message.case === 'cancel') worker.cancelledIds.push(...message.value.attemptIds);
      if (message.case === 'heartbeatResult') worker.lostIds.push(...message.value.lostAttemptIds);
      if (message.case !== 'recorded') continue;
      worker.results.push(...message.value.results);
      worker.leases.push(...message.value.leases);
    }
    worker.ended = { error: undefined };
  } catch (error) {
    worker.ended = { error };
  }
}
