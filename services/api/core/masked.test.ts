// No answer of the public door holds what triggers, notifiers or waiting tasks prove themselves
// with.
import { create, toJsonString } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { CallbackEvent, CallbackSpecSchema } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { TaskInstanceSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { maskedSpec, maskedTaskInstance } from './masked.ts';

const aTrigger = (secret: string) =>
  create(TriggerSpecSchema, {
    kind: {
      case: 'http',
      value: { url: 'https://jobs', headers: { authorization: secret }, body: secret },
    },
  });
const aCallback = (secret: string) =>
  create(CallbackSpecSchema, {
    event: CallbackEvent.FAILURE,
    action: {
      case: 'webhook' as const,
      value: { url: 'https://hook', headers: { token: secret } },
    },
  });
const aDag = (secret: string) =>
  create(DagSpecSchema, {
    dagId: 'etl',
    callbacks: [aCallback(secret)],
    deadlines: [{ name: 'soon', callback: aCallback(secret) }],
    assets: [{ name: 'orders', watchers: [{ name: 'drop', trigger: aTrigger(secret) }] }],
    tasks: [
      { taskId: 'wait', trigger: aTrigger(secret), callbacks: [aCallback(secret)] },
      { taskId: 'load', handler: 'etl.ts:load' },
    ],
  });

test('a DAG is shown with whom it asks and tells, and nothing else of it is changed', () => {
  const shown = toJsonString(DagSpecSchema, maskedSpec(aDag('s3cret')));
  expect(shown).toBe(toJsonString(DagSpecSchema, aDag('***')));
});

test('a waiting task is shown without its state, one that does not wait as it is', () => {
  const aWait = (secret: string) => ({
    waitId: 'w',
    trigger: aTrigger(secret),
    resumeMethod: 'go on',
    resumeJson: secret,
  });
  const waiting = create(TaskInstanceSchema, { taskId: 'wait', wait: aWait('s3cret') });
  const expected = create(TaskInstanceSchema, { taskId: 'wait', wait: aWait('***') });
  expect(maskedTaskInstance(waiting)).toEqual(expected);
  const plain = create(TaskInstanceSchema, { taskId: 'load' });
  expect(maskedTaskInstance(plain)).toEqual(plain);
});
