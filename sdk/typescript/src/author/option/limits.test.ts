// How much of a DAG may run, and when none of it may: as it leaves the author's file.
import { toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { DagSpecSchema } from '../../gen/dagmesh/dag/v1/dag_pb.ts';
import type { DagOptions, TaskOptions } from '../../index.ts';
import { declared, refusal, taskJson } from '../../testkit/declared.ts';

test('a DAG may be limited in every way that Airflow knows, and some more', () => {
  const spec = declared(
    (d) => {
      d.emptyTask('t', {
        limitKeys: ['api'],
        waitForDownstream: true,
        ignoreFirstDependsOnPast: false,
        waitForPastDependsBeforeSkipping: true,
        startDate: '2026-01-01',
        endDate: '2026-02-01',
        displayName: 'The task',
        doXcomPush: false,
      });
      d.emptyTask('plain');
    },
    {
      failFast: true,
      maxConsecutiveFailedDagRuns: 3,
      allowedRunTypes: ['scheduled', 'backfill'],
      fairShareWeight: 2.5,
      followsLatestVersion: true,
      keyLimits: { api: { maxActive: 2, rate: { count: 10, period: '1s' } } },
    },
  );
  expect(toJson(DagSpecSchema, spec)).toMatchObject({
    failFast: true,
    consecutiveFailedRunsMax: 3,
    allowedRunTypes: ['RUN_TYPE_SCHEDULED', 'RUN_TYPE_BACKFILL'],
    fairShareWeight: 2.5,
    followsLatestVersion: true,
    keyLimits: [{ key: 'api', activeMax: 2, rateCount: 10, ratePeriod: '1s' }],
  });
  expect(taskJson(spec, 't')).toMatchObject({
    limitKeys: ['api'],
    dependsOnPast: true,
    waitForDownstream: true,
    heedsFirstDependsOnPast: true,
    waitForPastDependsBeforeSkipping: true,
    startDate: '2026-01-01T00:00:00Z',
    endDate: '2026-02-01T00:00:00Z',
    displayName: 'The task',
    dropsResult: true,
  });
  expect(taskJson(spec, 'plain')).not.toHaveProperty('heedsFirstDependsOnPast');
});

test.each<[string, TaskOptions, DagOptions, string]>([
  ['a task that ends before the world', { endDate: 'never' }, {}, 'endDate: "never" is no date'],
  ['eleven keys', { limitKeys: Array(11).fill('k') }, {}, '11 limitKeys are too many'],
  ['an outlet that is a text', { outlets: ['x' as never] }, {}, 'outlets are assets'],
  ['a limit of nothing', {}, { keyLimits: { k: {} } }, 'keyLimits.k limits nothing'],
  ['a limit that is none', {}, { keyLimits: { k: { max: 1 } as never } }, 'keyLimits.k has no'],
  ['no fair share', {}, { fairShareWeight: 0 }, 'fairShareWeight is 0'],
  ['an unknown run type', {}, { allowedRunTypes: ['x' as never] }, 'allowedRunTypes is "x"'],
])('%s is refused', (_, task, options, words) => {
  expect(refusal((d) => void d.emptyTask('t', task), options)).toContain(words);
});
