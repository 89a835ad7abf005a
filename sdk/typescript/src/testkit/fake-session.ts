// One session as the mesh sees it: a test takes what the worker says, kind by kind, and says what
// it likes.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { LeaseSchema } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import type {
  Hello,
  SessionRequest,
  SessionResponseSchema,
  WelcomeSchema,
} from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { createInbox, type Inbox } from './inbox.ts';

type Said = SessionRequest['message'];
type Kind = NonNullable<Said['case']>;
type ValueOf<K extends Kind> = Extract<Said, { case: K }>['value'];
type Reply = MessageInitShape<typeof SessionResponseSchema>;

/** The stream of a session, from the server's side. */
export type SessionStream = ServerDuplexStream<SessionRequest, Reply>;

/** One session stream of a worker. */
export type FakeSession = {
  readonly hello: Hello;
  /** The next message of a kind, of those that no test has taken yet. */
  next<K extends Kind>(kind: K): Promise<ValueOf<K>>;
  say(message: NonNullable<Reply['message']>): void;
  /** Says Welcome: H 500 ms, TTL 1.5 s, grace 1 s, unless told otherwise. */
  welcome(welcome?: MessageInitShape<typeof WelcomeSchema>): void;
  lease(...leases: readonly MessageInitShape<typeof LeaseSchema>[]): void;
  /** Answers every heartbeat, as the mesh does; without it the worker hears nothing. */
  keepAlive(): void;
  /** Answers no heartbeat any more. */
  fallSilent(): void;
  /** Breaks the stream with a status. */
  break(): void;
  /** Ends the stream because the worker is not known. */
  refuse(details: string): void;
  /** Resolves when the worker has closed its side. */
  readonly closed: Promise<void>;
};

/** Waits for the Hello. */
export async function openSession(stream: SessionStream): Promise<FakeSession> {
  const inboxes = new Map<string, Inbox<unknown>>();
  const inboxOf = (kind: string) => {
    const inbox = inboxes.get(kind) ?? createInbox<unknown>(kind);
    inboxes.set(kind, inbox);
    return inbox;
  };
  const say: FakeSession['say'] = (message) => void stream.write({ message } as Reply);
  let isAnswering = false;
  stream.on('data', ({ message }: SessionRequest) => {
    inboxOf(message.case ?? '').add(message.value);
    if (isAnswering && message.case === 'heartbeat') say({ case: 'heartbeatResult', value: {} });
  });
  return {
    closed: closeOf(stream),
    hello: (await inboxOf('hello').next()) as Hello,
    next: async (kind) => (await inboxOf(kind).next()) as never,
    say,
    welcome: (welcome = {}) => say({ case: 'welcome', value: { ...WELCOME, ...welcome } }),
    lease: (...leases) => say({ case: 'leases', value: { leases: [...leases] } }),
    keepAlive: () => {
      isAnswering = true;
    },
    fallSilent: () => {
      isAnswering = false;
    },
    break: () => breakStream(stream),
    refuse: (details) => breakStream(stream, status.UNAUTHENTICATED, details),
  };
}

/** Ends a stream as a lost connection would, or with another status. */
export function breakStream(
  stream: Pick<SessionStream, 'emit'>,
  code = status.UNAVAILABLE,
  details = 'the test broke the stream',
): void {
  stream.emit('error', { code, details, metadata: new Metadata() });
}

const WELCOME = {
  sessionId: 'session-of-the-test',
  heartbeatInterval: durationFromMs(500),
  // Long, so that a busy machine loses nothing; tests of silence ask for less.
  leaseTtl: durationFromMs(60_000),
  killGrace: durationFromMs(1_000),
  xcomSizeMax: 262_144,
  logChunkMax: 1_048_576,
  logSizeMax: 67_108_864n,
};

function closeOf(stream: SessionStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on('end', () => {
      stream.end();
      resolve();
    });
    stream.on('cancelled', () => resolve());
    stream.on('error', () => resolve());
  });
}
