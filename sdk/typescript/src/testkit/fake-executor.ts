// A WorkerService for tests: real gRPC on a free port, where the test itself plays the mesh,
// message by message.
import { create, type DescMethod, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
} from '@grpc/grpc-js';
import { WorkerService } from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { createFakeLogs, type FakeLogs } from './fake-logs.ts';
import { type FakeSession, openSession, type SessionStream } from './fake-session.ts';
import { createInbox } from './inbox.ts';

/** The token that workers of the tests sign in with. */
export const WORKER_TOKEN = 'worker-token-of-the-test';

type Fields = Record<string, unknown>;
/** Answers a call with fields of its response, or refuses it by throwing a Refusal. */
type Answerer = (request: Fields) => Fields;

/** Thrown by an answerer: the call fails with this status. */
export class Refusal extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

/** A mesh that does what the test says. */
export type FakeExecutor = {
  readonly address: string;
  readonly logs: FakeLogs;
  /** The next session a worker opens. */
  session(): Promise<FakeSession>;
  /** Answers a unary method. */
  answer(method: keyof typeof WorkerService.method, answerer: Answerer): void;
  stop(): void;
};

/** Starts a fake on a free port of 127.0.0.1. */
export async function startFakeExecutor(): Promise<FakeExecutor> {
  const server = new Server();
  const sessions = createInbox<FakeSession>('session');
  const answerers = new Map<string, Answerer>();
  const { logs, streamLogs, appendLog } = createFakeLogs();
  const unaries = Object.values(WorkerService.method)
    .filter(({ methodKind }) => methodKind === 'unary')
    .map((method) => [method.name, unary(() => answerers.get(method.localName))]);
  const definition = Object.values(WorkerService.method).map((each) => [each.name, methodOf(each)]);
  server.addService(Object.fromEntries(definition), {
    ...Object.fromEntries(unaries),
    Session: (stream: SessionStream) => void openSession(stream).then((one) => sessions.add(one)),
    StreamLogs: streamLogs,
    AppendLog: appendLog,
  });
  const port = await bind(server);
  return {
    address: `127.0.0.1:${port}`,
    logs,
    session: () => sessions.next(),
    answer: (method, answerer) => void answerers.set(method, answerer),
    stop: () => server.forceShutdown(),
  };
}

function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
}

function unary(answererOf: () => Answerer | undefined) {
  return (call: ServerUnaryCall<Fields, Fields>, reply: sendUnaryData<Fields>) => {
    try {
      const answer = answererOf();
      if (answer === undefined) throw new Refusal(status.UNIMPLEMENTED, 'not part of this test');
      reply(null, answer(call.request));
    } catch (error) {
      const code = error instanceof Refusal ? error.code : status.INTERNAL;
      reply({ code, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

function methodOf(method: DescMethod) {
  const isStream = method.methodKind === 'bidi_streaming';
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: isStream,
    responseStream: isStream,
    ...codecOf(method.input, 'request'),
    ...codecOf(method.output, 'response'),
  };
}

function codecOf<Side extends 'request' | 'response'>(schema: DescMethod['input'], side: Side) {
  const serialize = (fields: Message) =>
    Buffer.from(toBinary(schema, create(schema, fields as never)));
  const deserialize = (bytes: Buffer) => fromBinary(schema, bytes);
  return { [`${side}Serialize`]: serialize, [`${side}Deserialize`]: deserialize } as {
    readonly [K in `${Side}Serialize`]: typeof serialize;
  } & { readonly [K in `${Side}Deserialize`]: typeof deserialize };
}
