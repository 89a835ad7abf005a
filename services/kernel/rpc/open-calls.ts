// The calls a server has under way, so that it can end them when it stops.

/** One call under way. */
export type OpenCall = {
  readonly kind: 'stream' | 'unary';
  /** Aborts the handler's signal; the handler ends the call, with last words if it has any. */
  abort(reason: Error): void;
  /** Ends the call at once, whatever its handler does. */
  cut(reason: Error): void;
};

/** All of them. */
export type OpenCalls = {
  add(call: OpenCall): void;
  /** Takes it out; false when it was out already. */
  delete(call: OpenCall): boolean;
  /** Asks the streams to end; unary calls may finish. */
  abortStreams(reason: Error): void;
  /** Ends everything at once. */
  cutAll(reason: Error): void;
};

/** A register without calls. */
export function createOpenCalls(): OpenCalls {
  const calls = new Set<OpenCall>();
  return {
    add: (call) => void calls.add(call),
    delete: (call) => calls.delete(call),
    abortStreams: (reason) => {
      for (const call of calls) if (call.kind === 'stream') call.abort(reason);
    },
    cutAll: (reason) => {
      for (const call of calls) {
        call.abort(reason);
        call.cut(reason);
      }
    },
  };
}
