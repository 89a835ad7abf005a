// Pages follow one another without gaps, and a token opens only the list it was given for.
import { describe, expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { type ListKey, pageSizeOf, readPageToken, toPage } from './page-token.ts';

const key: ListKey = { list: 'dags', filter: ['etl', false] };
const self = (row: string) => row;
const refusal = (token: string, of: ListKey) => {
  try {
    return readPageToken(token, of);
  } catch (error) {
    return reasonOf(error);
  }
};

describe('a page', () => {
  test('names where the next one begins when there is more', () => {
    const page = toPage(['a', 'b', 'ü'], 2, key, self);
    expect(page.rows).toEqual(['a', 'b']);
    expect(readPageToken(page.nextPageToken, key)).toBe('b');
  });

  test('is the last one when exactly filled', () => {
    expect(toPage(['a', 'b'], 2, key, self)).toEqual({ rows: ['a', 'b'], nextPageToken: '' });
  });

  test('has 50 rows by default and never more than 1,000', () => {
    expect([0, 1, 1_000, 5_000].map(pageSizeOf)).toEqual([50, 1, 1_000, 1_000]);
  });
});

describe('a token', () => {
  const { nextPageToken } = toPage(['a', 'b'], 1, key, self);

  test('of another list or another filter is refused', () => {
    expect(refusal(nextPageToken, { ...key, list: 'pools' })).toBe('bad_page_token');
    expect(refusal(nextPageToken, { ...key, filter: ['etl', true] })).toBe('bad_page_token');
  });

  test('that somebody made up is refused', () => {
    expect(refusal('zzz', key)).toBe('bad_page_token');
    expect(refusal('"; drop table dag', key)).toBe('bad_page_token');
  });
});
