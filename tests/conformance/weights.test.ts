// Priority weights: what a task's priority is, added up along the graph.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { DagSpecSchema, WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { DagVersionRecordSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { compileVersion } from '../../services/scheduler/core/graph/compile-version.ts';
import { tablesOf } from './play/tables.ts';

type Weighed = {
  readonly weight: number;
  readonly rule: 'downstream' | 'upstream' | 'absolute';
  readonly after: readonly string[];
};
type Row = {
  readonly name: string;
  readonly tasks: Readonly<Record<string, Weighed>>;
  readonly priorities: Readonly<Record<string, number>>;
};

const RULES = {
  downstream: WeightRule.DOWNSTREAM,
  upstream: WeightRule.UPSTREAM,
  absolute: WeightRule.ABSOLUTE,
} as const;

describe.each(tablesOf<Row>('weights'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ tasks, priorities }) => {
    const spec = create(DagSpecSchema, {
      dagId: 'd',
      tasks: Object.entries(tasks).map(([taskId, { weight, rule, after }]) => ({
        taskId,
        priorityWeight: weight,
        weightRule: RULES[rule],
        upstreamTaskIds: [...after],
      })),
    });
    const version = compileVersion(create(DagVersionRecordSchema, { dagVersionId: 1n, spec }));
    const actual = version.tasks.map(({ taskId, priority }) => [taskId, priority]);
    expect(Object.fromEntries(actual)).toEqual(priorities);
  });
});
