// Who is told what in a YAML DAG: callbacks for its events, and deadlines.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  CallbackEvent,
  type CallbackSpecSchema,
  type DeadlineSpecSchema,
} from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { anySpan, instant, text, texts, whole } from './yaml-fields.ts';
import { type Field, scalarOf, type Values } from './yaml-reader.ts';
import { byKey, dictionary, listOf, record, textOr } from './yaml-shapes.ts';

type CallbackInit = MessageInitShape<typeof CallbackSpecSchema>;
type ActionInit = Pick<CallbackInit, 'action' | 'queue'>;
type DeadlineInit = MessageInitShape<typeof DeadlineSpecSchema>;
type ReferenceInit = NonNullable<DeadlineInit['reference']>;

const webhook = record({ url: text, headers: dictionary(text), body: text }, (values) => values);

const email = record(
  { to: texts, subject: text, body: text, conn_id: text },
  ({ conn_id: connId, ...values }) => ({ ...values, connId }),
);

/** A handler's name, or one of `handler`, `webhook` and `email`, with the `queue` that does it. */
const action: Field<ActionInit> = textOr(
  (handler): ActionInit => ({ action: { case: 'handler', value: handler } }),
  byKey<ActionInit>({
    handler: record({ handler: text, queue: text }, ({ handler = '', queue }) => ({
      action: { case: 'handler', value: handler },
      queue,
    })),
    webhook: record(
      { webhook: textOr((url) => ({ url }), webhook), queue: text },
      ({ webhook: value = {}, queue }) => ({ action: { case: 'webhook', value }, queue }),
    ),
    email: record(
      { email: textOr((to) => ({ to: [to] }), email), queue: text },
      ({ email: value = {}, queue }) => ({ action: { case: 'email', value }, queue }),
    ),
  }),
);

const actions = listOf(action);

/** The callbacks of a DAG: each one action, or a list. */
export const RUN_CALLBACKS = {
  on_success_callback: actions,
  on_failure_callback: actions,
  on_sla_miss_callback: actions,
};

/** The callbacks of a task. */
export const TASK_CALLBACKS = {
  ...RUN_CALLBACKS,
  on_execute_callback: actions,
  on_retry_callback: actions,
  on_skipped_callback: actions,
};

const EVENTS: readonly (readonly [keyof typeof TASK_CALLBACKS, CallbackEvent])[] = [
  ['on_execute_callback', CallbackEvent.EXECUTE],
  ['on_success_callback', CallbackEvent.SUCCESS],
  ['on_failure_callback', CallbackEvent.FAILURE],
  ['on_retry_callback', CallbackEvent.RETRY],
  ['on_skipped_callback', CallbackEvent.SKIPPED],
  ['on_sla_miss_callback', CallbackEvent.SLA_MISS],
];

/** The callbacks that those keys say. */
export function callbacksOf(values: Values<typeof TASK_CALLBACKS>): CallbackInit[] {
  return EVENTS.flatMap(([key, event]) => (values[key] ?? []).map((each) => ({ ...each, event })));
}

const averageRuntime = record(
  { max_runs: whole(1, 1_000), min_runs: whole(1, 1_000) },
  ({ max_runs: runsMax, min_runs: runsMin }): ReferenceInit => ({
    case: 'averageRuntime',
    value: { runsMax, runsMin },
  }),
);

const WORDS = ['logical_date', 'queued_at', 'average_runtime'];

/** `logical_date`, `queued_at`, `average_runtime`, an instant, or how an average is taken. */
const reference: Field<ReferenceInit> = (node, what, reading): ReferenceInit | undefined => {
  const written = scalarOf(node, reading);
  if (written === 'logical_date') return { case: 'logicalDate', value: {} };
  if (written === 'queued_at') return { case: 'queuedAt', value: {} };
  if (written === 'average_runtime') return { case: 'averageRuntime', value: {} };
  return byKey<ReferenceInit>(
    {
      average_runtime: record(
        { average_runtime: averageRuntime },
        ({ average_runtime: value }) => value ?? { case: 'averageRuntime', value: {} },
      ),
    },
    (fixed, place, under) => {
      const value = instant(fixed, `${place} (${WORDS.join(', ')}, or an instant)`, under);
      return value === undefined ? undefined : { case: 'fixed', value };
    },
  )(node, what, reading);
};

/** The deadlines of a DAG: one, or a list. */
export const deadlines: Field<DeadlineInit[]> = listOf(
  record(
    { name: text, reference, interval: anySpan, callback: action },
    ({ name, reference: from, interval, callback }) => ({
      name,
      reference: from,
      interval,
      callback,
    }),
  ),
);
