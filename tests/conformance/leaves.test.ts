// The tasks that decide how a run ends.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { DagVersionRecordSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { compileVersion } from '../../services/scheduler/core/graph/compile-version.ts';
import type { Plan } from './oracle/plan.ts';
import { leavesOf } from './oracle/shape.ts';
import { specOf } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = { readonly name: string; readonly plan: Plan; readonly leaves: readonly string[] };

describe.each(tablesOf<Row>('leaves'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ plan, leaves }) => {
    const record = create(DagVersionRecordSchema, { dagVersionId: 1n, spec: specOf('d', plan) });
    const version = compileVersion(record);
    expect(version.leaves.map((index) => version.tasks[index]?.taskId)).toEqual(leaves);
    expect(leavesOf(plan)).toEqual(leaves);
  });
});
