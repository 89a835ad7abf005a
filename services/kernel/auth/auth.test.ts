// Tokens prove what they were minted for, with the key they were minted with, and nothing else.
import { describe, expect, it } from 'vitest';
import { mintAttemptToken, verifyAttemptToken } from './attempt-token.ts';
import { mintServiceToken, verifyServiceToken } from './service-token.ts';

const clusterKey = 'a key';
const claims = {
  attemptId: '01890000-0000-7000-8000-000000000000',
  epoch: 9_007_199_254_740_993n,
  partition: 255,
  dagRunId: '01890000-0000-7000-8000-000000000001',
  expiresAtMs: 1_000,
};

describe('a service token', () => {
  it('proves a name', () => {
    const token = mintServiceToken(clusterKey, 'dag-processor');
    expect(verifyServiceToken(clusterKey, token)).toBe('dag-processor');
  });

  it('proves nothing with another key, another name, or when it was tampered with', () => {
    const token = mintServiceToken(clusterKey, 'worker');
    expect(verifyServiceToken('another key', token)).toBeUndefined();
    expect(verifyServiceToken(clusterKey, token.replace('worker', 'scheduler'))).toBeUndefined();
    for (const bad of ['', 'dms1', 'dms1.worker', 'dms1.worker.', `${token}.x`, token.slice(1)]) {
      expect(verifyServiceToken(clusterKey, bad)).toBeUndefined();
    }
  });
});

describe('an attempt token', () => {
  it('says what it was minted with, to the last bit of the epoch', () => {
    const token = mintAttemptToken(clusterKey, claims);
    expect(verifyAttemptToken(clusterKey, token, 999)).toEqual(claims);
  });

  it('ends at its instant', () => {
    const token = mintAttemptToken(clusterKey, claims);
    expect(verifyAttemptToken(clusterKey, token, 1_000)).toBeUndefined();
  });

  it('proves nothing with another key or with any character changed', () => {
    const token = mintAttemptToken(clusterKey, claims);
    expect(verifyAttemptToken('another key', token, 0)).toBeUndefined();
    for (let at = 0; at < token.length; at += 1) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect(verifyAttemptToken(clusterKey, changed, 0)).toBeUndefined();
    }
  });

  it('is no service token, and a service token is none of an attempt', () => {
    const attempt = mintAttemptToken(clusterKey, claims);
    const service = mintServiceToken(clusterKey, 'worker');
    expect(verifyServiceToken(clusterKey, attempt)).toBeUndefined();
    expect(verifyAttemptToken(clusterKey, service, 0)).toBeUndefined();
    const [, body] = attempt.split('.');
    const crossed = `dma1.${body}.${service.split('.')[2]}`;
    expect(verifyAttemptToken(clusterKey, crossed, 0)).toBeUndefined();
  });
});
