// QueryService.ListImportErrors
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { type Instant, instant } from '../../ledger/record/dag-records.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

type ImportErrorRow = {
  readonly dag_file: string;
  readonly message: string;
  readonly occurred_at: Instant;
};

const LIST_IMPORT_ERRORS = queryStatement<ImportErrorRow>('list_import_errors');

export function listImportErrors(
  rooms: Rooms,
): Handler<typeof QueryService.method.listImportErrors> {
  return async (request) => {
    const { rows, nextPageToken } = await readPage(
      rooms.database,
      {
        statement: LIST_IMPORT_ERRORS,
        list: 'import_errors',
        filter: [],
        positionOf: (row) => row.dag_file,
      },
      required(request.query, 'query'),
    );
    const importErrors = rows.map((row) => ({
      dagFile: row.dag_file,
      message: row.message,
      occurredAt: instant(row.occurred_at),
    }));
    return { page: { importErrors, nextPageToken } };
  };
}
