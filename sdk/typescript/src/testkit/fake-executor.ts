// A WorkerService for tests: real gRPC on a free port, where the test itself plays the mesh, message by message.
import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
} from '@grpc/grpc-js';
import type { LeaseSchema } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import {
  type Hello,
  type SessionRequest,
  type SessionResponseSchema,
  type StreamLogsRequest,
  type StreamLogsResponseSchema,
  type WelcomeSchema,
  WorkerService,
} from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { createInbox, type Inbox } from './inbox.ts';

/** The token that workers of the tests sign in with. */
export const WORKER_TOKEN = 'worker-token-of-the-test';

type Said = SessionRequest['message'];
type Case = NonNullable<Said['case']>;
type ValueOf<C extends Case> = Extract<Said, { case: C }>['value'];
type Reply = MessageInitShape<typeof SessionResponseSchema>;

/** One session stream of a worker. */
export type FakeSession = {
  readonly hello: Hello;
  /** Every message of this kind so far, and those to come. */
  next<C extends Case>(kind: C): Promise<ValueOf<C>>;
  say(reply: NonNullable<Reply['message']>): void;
  welcome(welcome?: MessageInitShape<typeof WelcomeSchema>): void;
  lease(...leases: MessageInitShape<typeof LeaseSchema>[]): void;
  /** Breaks the stream with a status. */
  break(code?: status): void;
  /** Resolves when the worker has closed its side. */
  readonly closed: Promise<void>;
};

/** A refusal of a unary call. */
export type Refusal = { readonly code: status; readonly message: string };
type Answerer = (request: Record<string, unknown>) => Record<string, unknown> | Refusal;

/** A mesh that does what the test says. */
export type FakeExecutor = {
  readonly address: string;
  /** The next session a worker opens. */
  session(): Promise<FakeSession>;
  /** Answers a unary method. */
  answer(method: keyof typeof WorkerService.method, answerer: Answerer): void;
  /** The stored log of an attempt, line by line. Tokens of tests are `token-of-<attempt>`. */
  log(attemptId: string): { level: string; stream: string; message: string }[];
  /** Bytes stored of an attempt's log. */
  logSize(attemptId: string): number;
  /** Whether log chunks are taken and acknowledged; while not, they are ignored. */
  storing: boolean;
  /** Breaks the log streams that are open. */
  breakLogs(): void;
  /** How many log streams were opened. */
  readonly logStreamsCount: number;
  stop(): void;
};

/** Starts a fake on a free port of 127.0.0.1. */
export async function startFakeExecutor(): Promise<FakeExecutor> {
  const server = new Server();
  const sessions = createInbox<FakeSession>();
  const answerers = new Map<string, Answerer>();
  const logs = new Map<string, Buffer>();
  const logStreams = new Set<ServerDuplexStream<StreamLogsRequest, LogReply>>();
  let logStreamsCount = 0;

  const fake: FakeExecutor = {
    address: '',
    session: () => sessions.next(),
    answer: (method, answerer) => void answerers.set(method, answerer),
    log: (attemptId) =>
      (logs.get(attemptId)?.toString() ?? '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    logSize: (attemptId) => logs.get(attemptId)?.length ?? 0,
    storing: true,
    breakLogs: () => {
      for (const stream of logStreams) refuse(stream, status.UNAVAILABLE);
    },
    get logStreamsCount() {
      return logStreamsCount;
    },
    stop: () => server.forceShutdown(),
  };

  const store = ({ chunk }: StreamLogsRequest): { attemptId: string; storedSize: bigint } => {
    const attemptId = chunk?.attemptToken.replace('token-of-', '') ?? '';
    const stored = logs.get(attemptId) ?? Buffer.alloc(0);
    const fresh = Buffer.from(chunk?.content ?? []).subarray(stored.length - Number(chunk?.offset));
    const whole = Buffer.concat([stored, fresh]);
    logs.set(attemptId, whole);
    return { attemptId, storedSize: BigInt(whole.length) };
  };

  const methods = Object.fromEntries(
    Object.values(WorkerService.method).map((method) => [method.name, definitionOf(method)]),
  );
  const unary = (method: DescMethod): handleUnaryCall<Record<string, unknown>, unknown> => {
    return (call, reply) => {
      const answer = answerers.get(method.localName)?.(call.request) ?? {
        code: status.UNIMPLEMENTED,
        message: 'the test answers no such call',
      };
      if ('code' in answer)
        reply({ code: answer.code as status, details: String(answer['message']) });
      else reply(null, answer);
    };
  };
  const unaries = Object.values(WorkerService.method)
    .filter(({ methodKind }) => methodKind === 'unary')
    .map((method) => [method.name, unary(method)]);
  server.addService(methods, {
    ...Object.fromEntries(unaries),
    Session: (stream: SessionStream) => void openSession(stream).then((one) => sessions.add(one)),
    StreamLogs: (stream: ServerDuplexStream<StreamLogsRequest, LogReply>) => {
      logStreamsCount += 1;
      logStreams.add(stream);
      stream.on('data', (request: StreamLogsRequest) => {
        if (fake.storing && logStreams.has(stream)) stream.write(store(request));
      });
      stream.on('end', () => stream.end());
      stream.on('close', () => logStreams.delete(stream));
      stream.on('error', () => undefined);
    },
    AppendLog: (call: { request: StreamLogsRequest }, reply: (e: null, r: unknown) => void) =>
      reply(null, store(call.request)),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return Object.assign(fake, { address: `127.0.0.1:${port}` });
}

type LogReply = MessageInitShape<typeof StreamLogsResponseSchema>;
type SessionStream = ServerDuplexStream<SessionRequest, Reply>;

/** Waits for the Hello, as the mesh does. */
async function openSession(stream: SessionStream): Promise<FakeSession> {
  const inboxes = new Map<string, Inbox<unknown>>();
  const inboxOf = (kind: string) => {
    const inbox = inboxes.get(kind) ?? createInbox<unknown>();
    inboxes.set(kind, inbox);
    return inbox;
  };
  const closed = new Promise<void>((resolve) => {
    stream.on('end', () => {
      stream.end();
      resolve();
    });
    stream.on('cancelled', () => resolve());
    stream.on('error', () => resolve());
  });
  stream.on('data', ({ message }: SessionRequest) =>
    inboxOf(message.case ?? '').add(message.value),
  );
  const say = (message: NonNullable<Reply['message']>) => void stream.write({ message } as Reply);
  return {
    hello: (await inboxOf('hello').next()) as Hello,
    next: async (kind) => (await inboxOf(kind).next()) as never,
    say,
    welcome: (welcome = {}) =>
      say({
        case: 'welcome',
        value: {
          sessionId: 'session-of-the-test',
          heartbeatInterval: durationFromMs(500),
          leaseTtl: durationFromMs(1_500),
          killGrace: durationFromMs(1_000),
          xcomSizeMax: 262_144,
          logChunkMax: 1_048_576,
          logSizeMax: 67_108_864n,
          ...welcome,
        },
      }),
    lease: (...leases) => say({ case: 'leases', value: { leases } }),
    break: (code = status.UNAVAILABLE) => refuse(stream, code),
    closed,
  };
}

function refuse(stream: { emit(event: 'error', error: unknown): boolean }, code: status): void {
  stream.emit('error', { code, details: 'the test broke the stream', metadata: new Metadata() });
}

function definitionOf(method: DescMethod) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'bidi_streaming',
    requestSerialize: (message: object) => encode(method.input, message),
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    responseSerialize: (message: object) => encode(method.output, message),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}

function encode(schema: DescMethod['input'], message: object): Buffer {
  return Buffer.from(toBinary(schema, create(schema, message)));
}
