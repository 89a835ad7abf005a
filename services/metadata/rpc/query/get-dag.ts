// QueryService.GetDag
import { fromBinary } from '@bufbuild/protobuf';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { type DagSummaryRow, toDag } from '../../query/dags.ts';
import { dagNotFound } from '../../query/find-run.ts';
import { queryStatement } from '../../query/statement.ts';
import type { Rooms } from '../rooms.ts';

const GET_DAG = queryStatement<DagSummaryRow & { readonly spec: Uint8Array }>('get_dag');

export function getDag(rooms: Rooms): Handler<typeof QueryService.method.getDag> {
  return async ({ dagId }) => {
    const [row] = await rooms.database.browse(GET_DAG, [dagId]);
    if (row === undefined) throw dagNotFound(dagId);
    return { dag: { dag: toDag(row), spec: fromBinary(DagSpecSchema, row.spec) } };
  };
}
