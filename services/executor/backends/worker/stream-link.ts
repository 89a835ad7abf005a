// The way to a worker that holds a session: everything goes into its outbox.
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { Link } from '../link.ts';
import type { Outbox } from './outbox.ts';

/** The link over one session's outbox. */
export function createStreamLink(outbox: Outbox): Link {
  return {
    lease: (lease) => outbox.lease(lease),
    recorded: (result) => outbox.result(result),
    lose: (attemptIds) =>
      outbox.control({ case: 'heartbeatResult', value: { lostAttemptIds: [...attemptIds] } }),
    cancel: (attemptIds, order) =>
      outbox.control({
        case: 'cancel',
        value: {
          attemptIds: [...attemptIds],
          mode: order.mode,
          grace: toDuration(order.graceMs),
          reason: order.reason,
        },
      }),
    drain: (reason) => outbox.control({ case: 'drain', value: { reason } }),
    goAway: () => outbox.control({ case: 'goAway', value: { address: '' } }),
    end: () => outbox.end(),
  };
}
