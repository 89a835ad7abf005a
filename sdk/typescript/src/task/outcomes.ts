// Errors a task throws on purpose to say how it ended, and the error its calls reject with.
import type { Duration } from '../author/duration.ts';

/** Thrown by a task: there is nothing to do; the task instance becomes `skipped`. */
export class SkipTask extends Error {
  override readonly name = 'SkipTask';

  constructor(reason = 'the task asked to be skipped') {
    super(reason);
  }
}

/** Thrown by a task: it failed and trying again cannot help; no retry follows. */
export class FailTask extends Error {
  override readonly name = 'FailTask';
}

/** Thrown by a task: it failed, and the next try (if one is left) should wait this long. */
export class RetryTask extends Error {
  override readonly name = 'RetryTask';
  readonly delay: Duration;

  constructor(message: string, options: { readonly delay: Duration; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.delay = options.delay;
  }
}

/** A call a task made (a connection, a variable, an XCom) was refused or could not be answered. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** The gRPC status in lower case, e.g. `not_found`, `permission_denied`, `unavailable`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
