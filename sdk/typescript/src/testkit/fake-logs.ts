// Stores logs as the mesh does: by offset, so that what is sent twice is kept once.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type handleUnaryCall, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type {
  StreamLogsRequest,
  StreamLogsResponseSchema,
} from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { breakStream } from './fake-session.ts';

type Stored = { readonly attemptId: string; readonly storedSize: bigint };
type LogStream = ServerDuplexStream<
  StreamLogsRequest,
  MessageInitShape<typeof StreamLogsResponseSchema>
>;

/** One line of a log. */
export type LogLine = {
  readonly time: string;
  readonly level: string;
  readonly stream: string;
  readonly message: string;
};

/** The logs that a fake has stored. Tokens of tests read `token-of-<attempt>`. */
export type FakeLogs = {
  /** The stored lines of an attempt. */
  lines(attemptId: string): readonly LogLine[];
  /** Only what they say. */
  messages(attemptId: string): readonly string[];
  /** Bytes stored of an attempt's log. */
  size(attemptId: string): number;
  /** While false, chunks are neither stored nor acknowledged. */
  isStoring: boolean;
  /** Attempts whose chunks are refused. */
  readonly refused: Set<string>;
  /** Bytes that came while nothing was stored. */
  readonly ignoredBytes: number;
  /** Breaks the streams that are open. */
  break(): void;
  /** Streams opened so far. */
  readonly streamsCount: number;
};

/** The store, and the handlers of its two methods. */
export function createFakeLogs() {
  const contents = new Map<string, Buffer>();
  const streams = new Set<LogStream>();
  let streamsCount = 0;
  let ignoredBytes = 0;

  const lines = (attemptId: string): LogLine[] =>
    (contents.get(attemptId)?.toString() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  const logs: FakeLogs = {
    lines,
    messages: (attemptId) => lines(attemptId).map(({ message }) => message),
    size: (attemptId) => contents.get(attemptId)?.length ?? 0,
    isStoring: true,
    refused: new Set(),
    break: () => {
      for (const stream of streams) breakStream(stream);
    },
    get ignoredBytes() {
      return ignoredBytes;
    },
    get streamsCount() {
      return streamsCount;
    },
  };

  const attemptOf = ({ chunk }: StreamLogsRequest) =>
    chunk?.attemptToken.replace('token-of-', '') ?? '';
  const isRefused = (request: StreamLogsRequest) => logs.refused.has(attemptOf(request));

  const store = (request: StreamLogsRequest): Stored => {
    const { chunk } = request;
    const attemptId = attemptOf(request);
    const stored = contents.get(attemptId) ?? Buffer.alloc(0);
    const fresh = Buffer.from(chunk?.content ?? []).subarray(stored.length - Number(chunk?.offset));
    contents.set(attemptId, Buffer.concat([stored, fresh]));
    return { attemptId, storedSize: BigInt(stored.length + fresh.length) };
  };

  const streamLogs = (stream: LogStream) => {
    streamsCount += 1;
    streams.add(stream);
    stream.on('data', (request) => {
      if (isRefused(request)) breakStream(stream, status.FAILED_PRECONDITION, 'stale');
      else if (logs.isStoring) stream.write(store(request));
      else ignoredBytes += request.chunk?.content.length ?? 0;
    });
    stream.on('end', () => stream.end());
    stream.on('error', () => streams.delete(stream));
  };

  const appendLog: handleUnaryCall<StreamLogsRequest, Stored> = ({ request }, reply) => {
    if (isRefused(request)) reply({ code: status.FAILED_PRECONDITION, details: 'stale' });
    else reply(null, store(request));
  };

  return { logs, streamLogs, appendLog };
}
