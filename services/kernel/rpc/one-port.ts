// HTTP/1.1 and HTTP/2 without TLS on one port: the first bytes of a connection say which it speaks.
import { createServer as createHttp1, type RequestListener } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../clock/clock.ts';

/** A listening server. */
export type OnePortServer = {
  readonly port: number;
  /** Takes no new connections, waits for requests at most `graceMs`, then cuts the rest. */
  stop(graceMs: number): Promise<void>;
};

/** Every HTTP/2 connection begins with `PRI * HTTP/2.0`; no HTTP/1 method begins so. */
const HTTP2_MARK = Buffer.from('PRI');
const CONNECTIONS_MAX = 10_000;
/** A connection that says nothing for this long is closed. */
const FIRST_BYTES_TIMEOUT_MS = 10_000;
const STREAMS_MAX = 1_000;

/** Serves one listener over both protocols. Rejects when the port is taken. */
export async function startOnePort(options: {
  readonly host: string;
  readonly port: number;
  readonly listener: RequestListener;
}): Promise<OnePortServer> {
  let isStopping = false;
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const http2 = createHttp2({ settings: { maxConcurrentStreams: STREAMS_MAX } });
  const http1 = createHttp1({ headersTimeout: 10_000, requestTimeout: 60_000 });
  const [asHttp1] = http1.listeners('connection');
  http1.removeAllListeners('connection');
  http1.maxConnections = CONNECTIONS_MAX;

  http1.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    sniff(socket, (isHttp2) => {
      if (isHttp2) http2.emit('connection', socket);
      else asHttp1?.call(http1, socket);
    });
  });
  http1.on('request', (request, response) => {
    // A kept-alive connection that falls idle while the server stops would hold it up.
    response.on('close', () => isStopping && setImmediate(() => http1.closeIdleConnections()));
    options.listener(request, response);
  });
  // Node gives HTTP/2 requests the interface of HTTP/1's, so that one listener can serve both.
  http2.on('request', options.listener as unknown as Parameters<typeof http2.on>[1]);
  http2.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });

  const listening = Promise.withResolvers<void>();
  http1.once('error', listening.reject);
  http1.listen(options.port, options.host, listening.resolve);
  await listening.promise;
  return {
    port: (http1.address() as AddressInfo).port,
    stop: async (graceMs) => {
      isStopping = true;
      const closed = new Promise<void>((resolve) => http1.close(() => resolve()));
      http1.closeIdleConnections();
      for (const session of sessions) session.close();
      const timer = systemClock.timer(graceMs, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
      timer.cancel();
    },
  };
}

function sniff(socket: Socket, decide: (isHttp2: boolean) => void): void {
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const seen = head.subarray(0, HTTP2_MARK.length);
    const isHttp2 = seen.equals(HTTP2_MARK.subarray(0, seen.length));
    if (isHttp2 && seen.length < HTTP2_MARK.length) return;
    socket.off('data', onData);
    socket.off('error', onError);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(head);
    decide(isHttp2);
    // HTTP/2 takes what was put back by itself; flowing, it would be lost.
    if (!isHttp2) socket.resume();
  };
  // Who breaks off before saying anything has harmed nobody.
  const onError = () => socket.destroy();
  socket.setNoDelay(true);
  socket.setTimeout(FIRST_BYTES_TIMEOUT_MS, () => socket.destroy());
  socket.on('error', onError);
  socket.on('data', onData);
}
