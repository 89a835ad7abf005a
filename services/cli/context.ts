// What a running command has: the public API, a screen, the time, and the signal that ends it.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Api } from './api.ts';
import type { Screen } from './screen.ts';

/** Handed to every command. */
export type Context = {
  readonly api: Api;
  readonly screen: Screen;
  readonly clock: Clock;
  /** Aborts when the person interrupts; every RPC of `api` ends with it already. */
  readonly signal: AbortSignal;
};
