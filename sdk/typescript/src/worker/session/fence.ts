// The worker's own fence: whoever hears nothing for too long must assume that its attempts were
// given to others.
import { after, monotonicMs, type Timer } from '../clock.ts';

/** Watches over the silence of the mesh. */
export class Fence {
  readonly #fenced: () => void;
  #silenceMaxMs = Number.POSITIVE_INFINITY;
  #heardAtMs = monotonicMs();
  #timer: Timer | undefined;

  /** `fenced` is called when the mesh was silent for too long, once for each silence. */
  constructor(fenced: () => void) {
    this.#fenced = fenced;
  }

  /** How long the mesh may be silent: TTL − H. */
  allow(silenceMaxMs: number): void {
    this.#silenceMaxMs = silenceMaxMs;
    this.#arm();
  }

  /**
   * Something was heard. After a pause of the whole process this may come before the timer does, so
   * it checks first: false means that the fence fell, and what was heard is about attempts given
   * up.
   */
  heard(): boolean {
    const isInTime = !this.#check();
    this.#heardAtMs = monotonicMs();
    return isInTime;
  }

  /** Milliseconds since the mesh was heard. */
  get silenceMs(): number {
    return monotonicMs() - this.#heardAtMs;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#silenceMaxMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#timer?.cancel();
    if (!Number.isFinite(this.#silenceMaxMs)) return;
    this.#timer = after(Math.max(0, this.#silenceMaxMs - this.silenceMs), () => {
      this.#check();
      this.#arm();
    });
  }

  /** Lets the fence fall where it has to; true if it did. */
  #check(): boolean {
    if (this.silenceMs < this.#silenceMaxMs) return false;
    this.#heardAtMs = monotonicMs();
    this.#fenced();
    return true;
  }
}
