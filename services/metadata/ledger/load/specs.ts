// The specs of DAG versions, which never change: those used last are kept.
import { fromBinary } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { Database } from '../database/database.ts';
import { readVersion } from './load-run.ts';

/** So many versions are kept at most. */
const VERSIONS_KEPT_MAX = 100;

/** Reads specs by the id of their version. */
export type SpecReader = {
  /** `dag_version_not_found`. */
  get(dagVersionId: bigint): Promise<DagSpec>;
};

export function createSpecReader(database: Database): SpecReader {
  const kept = new Map<bigint, Promise<DagSpec>>();
  return {
    get: (dagVersionId) => {
      const spec = kept.get(dagVersionId) ?? readSpec(database, dagVersionId);
      // The map keeps its order of insertion, so what was used last goes to its end, and the first
      // goes when it is full.
      kept.delete(dagVersionId);
      kept.set(dagVersionId, spec);
      spec.catch(() => kept.delete(dagVersionId));
      const [oldest] = kept.keys();
      if (kept.size > VERSIONS_KEPT_MAX && oldest !== undefined) kept.delete(oldest);
      return spec;
    },
  };
}

async function readSpec(database: Database, dagVersionId: bigint): Promise<DagSpec> {
  const { spec } = await readVersion(database, dagVersionId);
  return fromBinary(DagSpecSchema, spec);
}
