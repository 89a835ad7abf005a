// The rules in the contracts, with examples from what their comments say.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  AttemptEnd,
  ReportAttemptsRequestSchema,
  TriggerDagRunRequestSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { SessionRequestSchema } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { brokenRules } from './contract.ts';

describe('a message', () => {
  it('that keeps its contract breaks no rule', () => {
    const request = create(TriggerDagRunRequestSchema, {
      dagId: 'team-a.daily:report@eu+1~x',
      actor: 'ada',
      requestId: 'r1',
    });
    expect(brokenRules(TriggerDagRunRequestSchema, request)).toEqual([]);
  });

  it('is told every rule it breaks, with the field as the contract spells it', () => {
    const request = create(TriggerDagRunRequestSchema, { dagId: 'näh', actor: 'ada' });
    expect(brokenRules(TriggerDagRunRequestSchema, request)).toEqual([
      expect.objectContaining({ field: 'dag_id', rule: 'string.pattern' }),
      expect.objectContaining({ field: 'request_id', rule: 'string.min_len' }),
    ]);
  });

  it('is looked into: lists, messages in them, and what is left out', () => {
    const attemptId = '01890000-0000-7000-8000-000000000000';
    const request = create(ReportAttemptsRequestSchema, {
      executorId: 'e1',
      outcomes: [
        { attemptId, epoch: 1n, end: AttemptEnd.SUCCESS },
        { attemptId: 'x', epoch: 1n, end: 99 as AttemptEnd },
      ],
    });
    const fields = brokenRules(ReportAttemptsRequestSchema, request).map(({ field }) => field);
    expect(fields).toEqual(['outcomes[1].attempt_id', 'outcomes[1].end']);
    expect(brokenRules(SessionRequestSchema, create(SessionRequestSchema))).toHaveLength(1);
  });

  it('is told in plain words, with the value in quotes, and no value that may be secret', () => {
    const attemptId = 'nope';
    const request = create(ReportAttemptsRequestSchema, {
      executorId: '',
      outcomes: [{ attemptId, epoch: -1n, end: 99 as AttemptEnd }],
    });
    const words = brokenRules(ReportAttemptsRequestSchema, request).map(
      ({ field, message }) => `${field} ${message}`,
    );
    expect(words).toEqual([
      'executor_id is empty; it needs a value',
      'outcomes[0].attempt_id "nope" is no id; ids look like 01a1fdad-ceea-7626-aafa-d7c50a2999fc',
      'outcomes[0].epoch -1 must be at least 1',
      'outcomes[0].end 99 is none of the values there are',
    ]);
    const trigger = create(TriggerDagRunRequestSchema, {
      ...{ dagId: 'a b', actor: 'ada', requestId: 'r1', note: 's3cret'.repeat(10_000) },
    });
    const [name, note] = brokenRules(TriggerDagRunRequestSchema, trigger);
    expect(name?.message).toBe(
      '"a b" may have letters, digits and _.~:+@- only, at most 250 of them',
    );
    expect(note?.message).not.toContain('s3cret');
  });
});
