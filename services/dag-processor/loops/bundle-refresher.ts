// Looks for something new in a bundle, again and again, and says which checkout is in force.
import type { CheckoutSource } from '../bundles/checkout-source.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Checkout } from '../core/bundle.ts';
import type { Events } from '../events.ts';

/** What refreshing takes. */
export type BundleRefresherOptions = {
  readonly name: string;
  readonly refresh: CheckoutSource;
  readonly everyMs: number;
  /** Called when another checkout is in force. */
  readonly onSwitch: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Pick<Events, 'bundleSwitched' | 'bundleFailed'>;
};

/** Refreshes from `start` until `signal` aborts. */
export type BundleRefresher = Part & {
  /** The checkout in force; undefined as long as there was none. */
  checkout(): Checkout | undefined;
};

/** A refresher of one bundle. */
export function createBundleRefresher(options: BundleRefresherOptions): BundleRefresher {
  const { name, clock, signal, events } = options;
  let current: Checkout | undefined;
  let running: Promise<void> | undefined;
  const refreshOnce = async () => {
    const { checkout, problem } = await options.refresh();
    if (signal.aborted) return;
    if (problem !== undefined) events.bundleFailed(name, problem);
    if (checkout === undefined || checkout.version === current?.version) return;
    current = checkout;
    events.bundleSwitched(name, checkout.version);
    options.onSwitch();
  };
  const run = async () => {
    while (!signal.aborted) {
      await refreshOnce();
      await clock.sleep(options.everyMs, signal);
    }
  };
  return {
    name: `refresher of bundle ${name}`,
    checkout: () => current,
    async start() {
      // A repository may be away for long: nobody waits for it here.
      running = run();
    },
    async stop() {
      await running;
    },
  };
}
