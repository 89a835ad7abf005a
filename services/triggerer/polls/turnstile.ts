// Lets so many through at once, and so many of one lane; the others wait in line.

/** How many. */
export type TurnstileOptions = {
  /** Under way at once. */
  readonly allMax: number;
  /** Under way at once in one lane. */
  readonly laneMax: number;
};

/**
 * Runs a function when its turn comes and answers its result. When the signal aborts before, the
 * function is not run and the call rejects with the signal's reason.
 */
export type Turnstile = <T>(lane: string, signal: AbortSignal, run: () => Promise<T>) => Promise<T>;

type Lane = { readonly name: string; runningCount: number; readonly waiting: Set<() => void> };

type Hall = TurnstileOptions & { readonly lanes: Map<string, Lane>; runningCount: number };

/** A turnstile nobody has gone through. Its line is as long as its callers make it. */
export function createTurnstile(options: TurnstileOptions): Turnstile {
  const hall: Hall = { ...options, lanes: new Map(), runningCount: 0 };
  return async (name, signal, run) => {
    signal.throwIfAborted();
    const lane = laneOf(hall, name);
    await turn(hall, lane, signal);
    try {
      return await run();
    } finally {
      leave(hall, lane);
    }
  };
}

function laneOf({ lanes }: Hall, name: string): Lane {
  const known = lanes.get(name);
  if (known !== undefined) return known;
  const lane: Lane = { name, runningCount: 0, waiting: new Set() };
  lanes.set(name, lane);
  return lane;
}

/** Resolves once its turn has come; the place inside is taken then. */
function turn(hall: Hall, lane: Lane, signal: AbortSignal): Promise<void> {
  if (hasRoom(hall, lane) && lane.waiting.size === 0) {
    enter(hall, lane);
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      lane.waiting.delete(pass);
      dropIdle(hall, lane);
      reject(signal.reason);
    };
    const pass = () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    signal.addEventListener('abort', giveUp);
    lane.waiting.add(pass);
  });
}

function hasRoom({ runningCount, allMax, laneMax }: Hall, lane: Lane): boolean {
  return runningCount < allMax && lane.runningCount < laneMax;
}

function enter(hall: Hall, lane: Lane): void {
  hall.runningCount += 1;
  lane.runningCount += 1;
}

function leave(hall: Hall, lane: Lane): void {
  hall.runningCount -= 1;
  lane.runningCount -= 1;
  dropIdle(hall, lane);
  letIn(hall);
}

/** Whoever may go on, lane by lane; a lane that was served goes to the end of the line. */
function letIn(hall: Hall): void {
  const { lanes } = hall;
  for (const lane of lanes.values()) {
    if (hall.runningCount >= hall.allMax) return;
    const [next] = lane.waiting;
    if (next === undefined || !hasRoom(hall, lane)) continue;
    lanes.delete(lane.name);
    lanes.set(lane.name, lane);
    lane.waiting.delete(next);
    enter(hall, lane);
    next();
  }
}

function dropIdle({ lanes }: Hall, lane: Lane): void {
  if (lane.runningCount === 0 && lane.waiting.size === 0) lanes.delete(lane.name);
}
