// QueryService.GetDag
import { fromBinary } from '@bufbuild/protobuf';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { dagNotFound } from '#kernel/errors/not-found.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { type DagVersionSummaryRow, toDagVersionSummary } from '../../query/dag-versions.ts';
import { type DagSummaryRow, toDag } from '../../query/dags.ts';
import { queryStatement } from '../../query/statement.ts';
import type { Rooms } from '../rooms.ts';

const GET_DAG = queryStatement<DagSummaryRow>('get_dag');
const GET_DAG_VERSION = queryStatement<DagVersionSummaryRow & { readonly spec: Uint8Array }>(
  'get_dag_version',
);

export function getDag({ database }: Rooms): Handler<typeof QueryService.method.getDag> {
  return async ({ dagId, versionNumber: asked }) => {
    const [row] = await database.browse(GET_DAG, [dagId]);
    if (row === undefined) throw dagNotFound(dagId);
    const versionNumber = asked || row.version_number;
    const [version] = await database.browse(GET_DAG_VERSION, [dagId, versionNumber]);
    if (version === undefined) {
      throw fail(
        'dag_version_not_found',
        `DAG "${dagId}" has no version ${versionNumber}; its newest is ${row.version_number}; ` +
          `see them all: dagmesh dags versions ${dagId}`,
      );
    }
    return {
      dag: {
        dag: toDag(row),
        spec: fromBinary(DagSpecSchema, version.spec),
        version: toDagVersionSummary(version),
      },
    };
  };
}
