// The calls a server has under way, so that it can end them when it stops.

/** Calls under way, each with the controller of its signal. */
export type OpenCalls = {
  add(call: AbortController, kind: 'stream' | 'unary'): void;
  delete(call: AbortController): void;
  /** Ends the streams; unary calls may finish. */
  abortStreams(reason: Error): void;
  /** Ends everything. */
  abortAll(reason: Error): void;
};

/** A register without calls. */
export function createOpenCalls(): OpenCalls {
  const streams = new Set<AbortController>();
  const unaries = new Set<AbortController>();
  const abort = (calls: ReadonlySet<AbortController>, reason: Error) => {
    for (const call of calls) call.abort(reason);
  };
  return {
    add: (call, kind) => void (kind === 'stream' ? streams : unaries).add(call),
    delete: (call) => void (streams.delete(call) || unaries.delete(call)),
    abortStreams: (reason) => abort(streams, reason),
    abortAll: (reason) => {
      abort(streams, reason);
      abort(unaries, reason);
    },
  };
}
