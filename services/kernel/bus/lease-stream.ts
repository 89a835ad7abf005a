// The one stream of the bus: its subjects and limits, and how both sides make sure of it.
import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';

/** Name of the stream. */
export const LEASE_STREAM = 'LEASE';

/** How long an unacknowledged ticket stays with whoever pulled it, in milliseconds. */
export const ACK_WAIT_MS = 5_000;

/**
 * How often a ticket is handed out before it is dropped: the scheduler rings again for what is
 * still queued.
 */
const DELIVER_MAX = 10;
/** A ticket older than this has been rung again long ago. */
const TICKET_AGE_MAX_MS = 60_000;
const TICKETS_MAX = 100_000;
const TICKET_MAX_BYTES = 1_024;
/** Tickets out at once per queue, over all executors. */
const OUTSTANDING_MAX = 10_000;
/** Pull requests waiting at once per queue, over all executors. */
const WAITING_MAX = 2_048;
/** A queue nobody has pulled for this long is forgotten. */
const QUEUE_IDLE_MAX_MS = 3_600_000;
const API_TIMEOUT_MS = 3_000;

/** The subject of a queue's tickets. Queue names are `[A-Za-z0-9_-]+`, so they are one token. */
export function subjectOf(queue: string): string {
  return `lease.${queue}`;
}

/**
 * Makes the stream unless it is there as wanted. In memory, because a lost ticket costs nothing:
 * the truth is in the database, and the scheduler rings again.
 */
export async function ensureStream(connection: NatsConnection): Promise<JetStreamManager> {
  const api = await jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
  const limits = {
    subjects: [subjectOf('>')],
    max_age: nanos(TICKET_AGE_MAX_MS),
    // Unused, but a server refuses one that is longer than the age.
    duplicate_window: nanos(TICKET_AGE_MAX_MS),
    max_msgs: TICKETS_MAX,
    max_bytes: TICKETS_MAX * TICKET_MAX_BYTES,
    max_msg_size: TICKET_MAX_BYTES,
    discard: DiscardPolicy.Old,
  };
  const fixed = { retention: RetentionPolicy.Workqueue, storage: StorageType.Memory };
  try {
    await api.streams.add({ name: LEASE_STREAM, ...fixed, ...limits });
  } catch {
    // It is there with other limits, from another version; retention and storage never changed.
    await api.streams.update(LEASE_STREAM, limits);
  }
  return api;
}

/**
 * The durable consumer all executors of a queue share; made, with its stream, unless it is there.
 */
export async function ensureConsumer(connection: NatsConnection, queue: string): Promise<Consumer> {
  const api = await ensureStream(connection);
  const info = await api.consumers.add(LEASE_STREAM, {
    durable_name: `lease_${queue}`,
    filter_subject: subjectOf(queue),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    max_deliver: DELIVER_MAX,
    max_ack_pending: OUTSTANDING_MAX,
    max_waiting: WAITING_MAX,
    inactive_threshold: nanos(QUEUE_IDLE_MAX_MS),
    mem_storage: true,
  });
  return api.jetstream().consumers.getConsumerFromInfo(info);
}
