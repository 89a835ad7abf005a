// Errors a task throws on purpose to say how it ended, and the error its calls reject with.
import type { Duration } from '../author/values/duration.ts';
import type { Question } from '../author/waiting/human-input.ts';
import type { Trigger } from '../author/waiting/triggers.ts';

/** Thrown by a task: there is nothing to do; the task instance becomes `skipped`. */
export class SkipTask extends Error {
  override readonly name = 'SkipTask';

  constructor(reason = 'the task asked to be skipped') {
    super(reason);
  }
}

/** Thrown by a task: it failed and trying again cannot help; no retry follows. */
export class FailTask extends Error {
  override readonly name: string = 'FailTask';
}

/** Thrown by a sensor whose time is over; no retry follows. */
export class SensorTimeout extends FailTask {
  override readonly name = 'SensorTimeout';
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

/** What a task goes on with after a wait: it finds both in `context.resume`. */
export type Continuation = {
  /** A name for the place in the code; empty by default. */
  readonly method?: string;
  /** JSON, at most 256 KiB; null by default. */
  readonly state?: unknown;
};

/**
 * Thrown by a task: it gives its slot back until a trigger fires; then the body is called again, as
 * the same try, with `context.resume`.
 */
export class DeferTask extends Error {
  override readonly name = 'DeferTask';
  readonly trigger: Trigger;
  /** How long it waits; undefined means until the execution timeout, or for ever. */
  readonly timeout: Duration | undefined;
  readonly continuation: Continuation;

  constructor(options: Continuation & { readonly trigger: Trigger; readonly timeout?: Duration }) {
    super('the task waits for a trigger');
    this.trigger = options.trigger;
    this.timeout = options.timeout;
    this.continuation = options;
  }
}

/** Thrown by a task: it gives its slot back and is run again at an instant, as the same try. */
export class RescheduleTask extends Error {
  override readonly name = 'RescheduleTask';
  readonly at: Date;

  constructor(at: Date) {
    super(`the task asked to be run again at ${at.toISOString()}`);
    this.at = at;
  }
}

/**
 * Thrown by a task: it gives its slot back until people have answered; then the body is called
 * again, as the same try, with the answer in `context.resume.response`.
 */
export class AwaitInput extends Error {
  override readonly name = 'AwaitInput';
  readonly question: Question;
  readonly continuation: Continuation;

  constructor(question: Question, continuation: Continuation = {}) {
    super(`the task asked people: ${question.subject}`);
    this.question = question;
    this.continuation = continuation;
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
