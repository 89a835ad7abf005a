// For tests: what a YAML file declares, as JSON that can be compared.
import { type JsonValue, toJson } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { validateDagFile } from '../../core/check/validate-dag-spec.ts';
import { readYamlDags } from './yaml-file.ts';

/** The first DAG as JSON in the contract's spelling, without what is as it is by default. */
export function dagOf(text: string): JsonValue {
  const { dags, problems } = readYamlDags(text);
  expect(problems).toEqual([]);
  const [dag] = dags;
  if (dag === undefined) throw new Error('there is no DAG');
  expect(validateDagFile([dag], { path: 'x.yaml', text })).toMatchObject({ kind: 'valid' });
  return toJson(DagSpecSchema, dag, { useProtoFieldName: true });
}
