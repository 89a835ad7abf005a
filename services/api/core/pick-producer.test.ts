// Which DAG makes an asset: the only one, or the one that is named.
import { describe, expect, test } from 'vitest';
import { reasonOf } from '#kernel/errors/errors.ts';
import { pickProducer } from './pick-producer.ts';

function picked(dagIds: readonly string[], wanted = ''): string | undefined {
  try {
    return pickProducer({ assetName: 'rows', dagIds, wanted });
  } catch (error) {
    return reasonOf(error);
  }
}

describe('an asset is made by', () => {
  test('the only DAG with a task that makes it', () => {
    expect(picked(['etl'])).toBe('etl');
    expect(picked(['etl', 'etl'])).toBe('etl');
  });

  test('the DAG that is named among several', () => {
    expect(picked(['etl', 'late'])).toBe('several_producers');
    expect(picked(['etl', 'late'], 'late')).toBe('late');
  });

  test('nobody, when no DAG or not that one makes it', () => {
    expect(picked([])).toBe('no_producer');
    expect(picked(['etl'], 'late')).toBe('no_producer');
  });
});
