// What tasks of a YAML DAG wait for off any worker: triggers, and answers of people.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  HumanInputEffect,
  type HumanInputSpecSchema,
  type TriggerSpecSchema,
} from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { wordsOf } from '../../core/enum-words.ts';
import { instant, span, text, texts, whole, wordOf, yesOrNo } from './yaml-fields.ts';
import { type Field, jsonText } from './yaml-reader.ts';
import { byKey, dictionary, listOf, record, textOr, under } from './yaml-shapes.ts';

type TriggerInit = MessageInitShape<typeof TriggerSpecSchema>;
type HumanInputInit = MessageInitShape<typeof HumanInputSpecSchema>;

const http = record(
  {
    url: text,
    method: text,
    headers: dictionary(text),
    body: text,
    status: whole(0, 599),
    contains: text,
    poll_interval: span,
  },
  ({ poll_interval: pollInterval, ...values }) => ({ ...values, pollInterval }),
);

const file = record(
  { path: text, is_gone: yesOrNo, poll_interval: span },
  ({ path, is_gone: isGone, poll_interval: pollInterval }) => ({ path, isGone, pollInterval }),
);

const externalTask = record(
  {
    dag_id: text,
    run_id: text,
    logical_dates: listOf(instant),
    task_ids: texts,
    task_group_id: text,
    allowed_states: texts,
    failed_states: texts,
    skipped_states: texts,
    poll_interval: span,
  },
  (values) => ({
    dagId: values.dag_id,
    runId: values.run_id,
    logicalDates: values.logical_dates,
    taskIds: values.task_ids,
    taskGroupId: values.task_group_id,
    allowedStates: values.allowed_states,
    failedStates: values.failed_states,
    skippedStates: values.skipped_states,
    pollInterval: values.poll_interval,
  }),
);

const asset = record(
  { name: text, poll_interval: span },
  ({ name, poll_interval: pollInterval }) => ({ assetName: name, pollInterval }),
);

/** A trigger: its one key says which. A text is the URL, path, DAG or asset alone. */
export const trigger: Field<TriggerInit> = byKey<TriggerInit>({
  after: under('after', span, (value) => timer({ case: 'after', value })),
  at: under('at', instant, (value) => timer({ case: 'at', value })),
  http: under(
    'http',
    textOr((url) => ({ url }), http),
    (value) => ({
      kind: { case: 'http', value },
    }),
  ),
  file: under(
    'file',
    textOr((path) => ({ path }), file),
    (value) => ({
      kind: { case: 'file', value },
    }),
  ),
  external_task: under(
    'external_task',
    textOr((dagId) => ({ dagId }), externalTask),
    (value) => ({ kind: { case: 'externalTask', value } }),
  ),
  asset: under(
    'asset',
    textOr((assetName) => ({ assetName }), asset),
    (value) => ({
      kind: { case: 'asset', value },
    }),
  ),
});

type Moment = Extract<TriggerInit['kind'], { case: 'timer' }>['value']['moment'];

function timer(moment: Moment): TriggerInit {
  return { kind: { case: 'timer', value: { moment } } };
}

const HUMAN_INPUT = {
  subject: text,
  body: text,
  options: texts,
  defaults: texts,
  multiple: yesOrNo,
  params_schema: jsonText,
  params: jsonText,
  assigned_users: texts,
  timeout: span,
  effect: wordOf(wordsOf(HumanInputEffect)),
  branches: dictionary(text),
};

/** A question to people. */
export const humanInput: Field<HumanInputInit> = record(HUMAN_INPUT, (values) => ({
  subject: values.subject,
  body: values.body,
  options: values.options,
  defaults: values.defaults,
  isMultiple: values.multiple,
  paramsSchemaJson: values.params_schema,
  paramsJson: values.params,
  assignedUsers: values.assigned_users,
  timeout: values.timeout,
  effect: values.effect,
  branches: values.branches,
}));
