// What only the in-memory mesh has to get right: names that come and go, messages as they are.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  type ExplainResponse,
  ExplainResponseSchema,
  SchedulerService,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { isRetryable, reasonOf } from '../errors/errors.ts';
import { createDial } from './client.ts';
import { createLocalMesh } from './local.ts';
import { aQuestion, clusterKey, failureOf, scheduler } from './test-doors.ts';

describe('the local mesh', () => {
  it('can be dialled before anything is mounted; until then calls are worth a retry', async () => {
    const local = createLocalMesh();
    const client = createDial({ caller: 'api', clusterKey, local })(SchedulerService, 'local:s1');
    const error = await failureOf(client.explain(aQuestion));
    expect(reasonOf(error)).toBe('unreachable');
    expect(isRetryable(error)).toBe(true);
    local.mount('s1', [scheduler({ explain: async () => ({ summary: 'here' }) })]);
    expect((await client.explain(aQuestion)).summary).toBe('here');
    local.unmount('s1');
    expect(reasonOf(await failureOf(client.explain(aQuestion)))).toBe('unreachable');
  });

  it('hands over the very message the handler made', async () => {
    const local = createLocalMesh();
    let made: ExplainResponse | undefined;
    const explain = async () => {
      made = create(ExplainResponseSchema, { summary: 'here' });
      return made;
    };
    local.mount('s1', [scheduler({ explain })]);
    const client = createDial({ caller: 'api', clusterKey, local })(SchedulerService, 'local:s1');
    expect(await client.explain(aQuestion)).toBe(made);
  });

  it('is not there for a dial without one', () => {
    const dial = createDial({ caller: 'api', clusterKey });
    expect(() => dial(SchedulerService, 'local:s1')).toThrow('local:s1');
  });
});
