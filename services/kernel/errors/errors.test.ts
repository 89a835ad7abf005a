// The table of errors, and what survives of an error on its way.
import { describe, expect, it } from 'vitest';
import {
  Code,
  ConnectError,
  detailsOf,
  ERRORS,
  fail,
  isRetryable,
  messageOf,
  reasonOf,
} from './errors.ts';

describe('an error', () => {
  it('has the code of its row and says what to do in its message', () => {
    const error = fail('run_exists', 'run r1 exists already; choose another run_id');
    expect(error.code).toBe(Code.AlreadyExists);
    expect(messageOf(error)).toBe('run r1 exists already; choose another run_id');
  });

  it('keeps its cause on this side', () => {
    const cause = new Error('duplicate key value violates unique constraint');
    const error = fail('run_exists', 'exists', { cause });
    expect(error.cause).toBe(cause);
    expect(detailsOf(error)).toEqual({});
  });

  it('carries its reason and details', () => {
    const error = fail('not_owner', 'ask s2', { details: { owner: 's2' } });
    expect(reasonOf(error)).toBe('not_owner');
    expect(detailsOf(error)).toEqual({ owner: 's2' });
  });

  it('is cut to what fits into a header, without breaking a character', () => {
    const error = fail('bad_request', '😀'.repeat(5_000), { details: { field: '😀'.repeat(600) } });
    expect(error.rawMessage.length).toBeLessThanOrEqual(4_000);
    expect(error.rawMessage.isWellFormed()).toBe(true);
    expect(detailsOf(error).field?.length).toBeLessThanOrEqual(500);
  });
});

describe('an error that is not ours', () => {
  it('has no reason', () => {
    expect(reasonOf(new Error('x'))).toBeUndefined();
    expect(reasonOf(new ConnectError('x', Code.NotFound))).toBeUndefined();
    expect(reasonOf(undefined)).toBeUndefined();
  });

  it('is worth another try when the transport lost its way', () => {
    expect(isRetryable(new ConnectError('x', Code.Unavailable))).toBe(true);
    expect(isRetryable(new ConnectError('x', Code.DeadlineExceeded))).toBe(true);
    expect(isRetryable(new ConnectError('x', Code.Internal))).toBe(false);
    expect(isRetryable(new Error('x'))).toBe(false);
  });
});

describe('the table', () => {
  it('calls every UNAVAILABLE retryable, because every gRPC client does', () => {
    const wrong = Object.entries(ERRORS).filter(
      ([, row]) => row.code === Code.Unavailable && !row.retryable,
    );
    expect(wrong).toEqual([]);
  });

  it('says about a reason what isRetryable answers', () => {
    expect(isRetryable(fail('not_owner', 'x'))).toBe(true);
    expect(isRetryable(fail('stale_epoch', 'x'))).toBe(false);
  });
});
