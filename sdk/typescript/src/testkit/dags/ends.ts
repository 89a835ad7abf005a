// A DAG whose tasks end in every way a task can end; the tests of the worker run them one by one.
import { dag } from '@dagmesh/sdk';

export function noop() {}

export const ends = dag('ends', {}, (d) => {
  d.task('noop', () => undefined);
});
