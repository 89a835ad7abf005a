// One attempt's side of the protocol: its clock, its calls, its stop.
import type { JsonObject } from '../json.ts';
import type { BodyClock } from '../task/clock.ts';
import { after, type Timer } from '../worker/clock.ts';
import type { CallAnswer, CallRequest } from '../worker/ipc.ts';
import { TestDagError } from './simulator.ts';

/** What a stage is set up with. */
export type StageOptions = {
  readonly attempt: string;
  readonly tell: (message: JsonObject) => void;
  /** How long the body may run in real time between two sleeps. */
  readonly patienceMs: number;
  /** It has run for longer. */
  readonly onStuck: () => void;
};

/** Where an attempt is performed. */
export class Stage implements BodyClock {
  readonly #options: StageOptions;
  readonly #controller = new AbortController();
  readonly #calls = new Map<number, (answer: CallAnswer) => void>();
  #callsCount = 0;
  #nowMs: number;
  #patience: Timer;
  #sleeping: PromiseWithResolvers<void> | undefined;

  constructor(options: StageOptions, nowMs: number) {
    this.#options = options;
    this.#nowMs = nowMs;
    this.#patience = after(options.patienceMs, options.onStuck);
  }

  /** Aborted when the attempt is over before its body is. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Lets virtual time pass; ends early when the attempt is stopped. */
  async sleep(ms: number): Promise<void> {
    if (this.signal.aborted) return;
    if (this.#sleeping !== undefined) {
      throw new TestDagError(
        'bad_request',
        'a body sleeps once at a time on the virtual clock; await one sleep before the next',
      );
    }
    this.#sleeping = Promise.withResolvers();
    this.#patience.cancel();
    this.#tell({ op: 'sleep', ms });
    await this.#sleeping.promise;
  }

  call({ method, input }: CallRequest): Promise<CallAnswer> {
    this.#callsCount += 1;
    const call = this.#callsCount;
    return new Promise((resolve) => {
      this.#calls.set(call, resolve);
      this.#tell({ op: 'call', call, method, input });
    });
  }

  /** The body has ended. Resolves once a sleep that it did not wait for is over, too. */
  async left(): Promise<void> {
    await this.#sleeping?.promise;
    this.#patience.cancel();
  }

  /** Takes in what the simulator says of the attempt. */
  hear(event: JsonObject): void {
    if (event['event'] === 'awake') {
      this.#nowMs = Number(event['now_ms']);
      this.#patience = after(this.#options.patienceMs, this.#options.onStuck);
      this.#wake();
    } else if (event['event'] === 'stop') {
      this.#patience.cancel();
      this.#controller.abort(new DOMException(String(event['reason']), 'AbortError'));
      this.#wake();
    } else {
      this.#calls.get(Number(event['call']))?.(callAnswerOf(event));
      this.#calls.delete(Number(event['call']));
    }
  }

  #wake(): void {
    this.#sleeping?.resolve();
    this.#sleeping = undefined;
  }

  #tell(message: JsonObject): void {
    this.#options.tell({ ...message, attempt: this.#options.attempt });
  }
}

function callAnswerOf(event: JsonObject): CallAnswer {
  const error = event['error'] as JsonObject | undefined;
  if (error === undefined) return { kind: 'ok', output: event['output'] as JsonObject };
  return { kind: 'refused', code: String(error['code']), message: String(error['message']) };
}
