// `dagmesh dags errors`: DAG files that could not be parsed, and why.
import {
  type ImportError,
  ImportErrorSchema,
  ImportErrorService,
} from '#gen/dagmesh/api/v1/import_error_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command } from '../../command.ts';
import { visible, visibleLines } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { relative } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { isForPeople, type Screen, showOne } from '../../screen.ts';

export const listErrors = command({
  path: 'dags errors',
  summary: 'List DAG files that could not be parsed',
  about: 'The last good versions of their DAGs go on running.',
  calls: [ImportErrorService.method.listImportErrors],
  options: { limit: limitOption },
  examples: ['dagmesh dags errors', 'dagmesh dags errors -o json'],
  run: async ({ options }, { api, screen, clock }) => {
    const errors = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.importErrors.listImportErrors(page),
      rowsOf: (page) => page.importErrors,
    });
    if (isForPeople(screen) && errors.length === 0) {
      screen.say('All DAG files could be parsed. See their DAGs: dagmesh dags list');
      return;
    }
    const plain = errors.map((error) => toPlain(ImportErrorSchema, error));
    showOne(screen, plain, () =>
      errors.map((error) => describe(error, screen, clock.nowMs())).join('\n\n'),
    );
  },
});

/** Messages have several lines, so this is not a table. */
function describe(error: ImportError, { paint }: Screen, nowMs: number): string {
  const when = relative(fromTimestamp(error.occurredAt), nowMs);
  const lines = visibleLines(error.message.trimEnd()).split('\n');
  return `${paint(visible(error.dagFile), 'bold')}  ${when}\n  ${lines.join('\n  ')}`;
}
