// What starts can stop: parts, their order, and a program's life until a signal.
import type { Log } from '../log/log.ts';

/** Something with a life. */
export type Part = {
  /** Name for logs. */
  readonly name: string;
  /** Does the I/O it takes to work; rejects when it cannot. */
  start(): Promise<void>;
  /**
   * Ends it. May be called twice, before `start`, after a `start` that failed, and during one,
   * which had better end early then.
   */
  stop(): Promise<void>;
};

/**
 * Many parts as one: started in order, stopped in reverse. When one cannot start, those before it
 * are stopped and the error goes on. All are stopped even when one of them fails to; the first
 * failure is thrown afterwards.
 */
export function composeParts(name: string, parts: readonly Part[]): Part {
  const started: Part[] = [];
  let starting: Promise<void> | undefined;
  let isStarting = false;
  let stopping = false;

  const startAll = async () => {
    for (const part of parts) {
      if (stopping) return;
      started.push(part);
      await part.start();
    }
  };
  const stopAll = async () => {
    const failures: unknown[] = [];
    for (const part of started.splice(0).reverse()) {
      await part.stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };

  return {
    name,
    start: async () => {
      stopping = false;
      isStarting = true;
      starting = startAll().finally(() => (isStarting = false));
      try {
        await starting;
      } catch (error) {
        // The reason it could not start says more than a failure to stop what was started half.
        await stopAll().catch(() => undefined);
        throw error;
      }
    },
    stop: async () => {
      stopping = true;
      if (isStarting)
        await started
          .at(-1)
          ?.stop()
          .catch(() => undefined);
      await starting?.catch(() => undefined);
      await stopAll();
    },
  };
}

/**
 * Starts the part, waits for SIGINT or SIGTERM, stops it and ends the program: code 0 after a clean
 * stop, 1 when starting or stopping failed or when a second signal came, which ends it at once.
 */
export async function runUntilSignalled(part: Part, log: Log): Promise<void> {
  const signalled = Promise.withResolvers<NodeJS.Signals>();
  let signalsCount = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signalsCount += 1;
    if (signalsCount > 1) process.exit(1);
    signalled.resolve(signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    // A signal during a long start must not wait for it.
    const first = await Promise.race([part.start(), signalled.promise]);
    if (first === undefined) log.info({ part: part.name }, 'started');
    const signal = await signalled.promise;
    log.info({ part: part.name, signal }, 'stopping');
    await part.stop();
    log.info({ part: part.name }, 'stopped');
    process.exit(0);
  } catch (error) {
    log.error({ part: part.name, err: error }, 'ended by an error');
    process.exit(1);
  }
}

/**
 * The first SIGINT or SIGTERM, for programs that do more than wait for it; the second one ends the
 * program at once.
 */
export type FirstSignal = {
  /** Resolves with its name. */
  readonly fired: Promise<NodeJS.Signals>;
  /** Aborts with it. */
  readonly aborted: AbortSignal;
};

/** Begins to listen for it. */
export function firstSignal(): FirstSignal {
  const fired = Promise.withResolvers<NodeJS.Signals>();
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort();
    fired.resolve(signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { fired: fired.promise, aborted: controller.signal };
}

/** Ends the program with a code, whatever is still open in it. */
export function endProgram(code: number): never {
  process.exit(code);
}

/** Ends the program before it started, with a sentence for the operator on stderr, code 2. */
export function refuseToStart(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(2);
}
