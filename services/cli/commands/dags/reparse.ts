// `dagmesh dags reparse`: read a DAG file again now, before all others.
import { DagService, ParseDagFileResponseSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, optional, text } from '../../command.ts';
import { visible, visibleLines } from '../../core/escape.ts';
import { EXIT } from '../../core/exit-code.ts';
import { toPlain } from '../../core/plain.ts';
import { span } from '../../core/when.ts';
import { showOne } from '../../screen.ts';

/** The file may have to wait for others, and then take its time. */
const DEADLINE_MS = 90_000;

export const reparseDag = command({
  path: 'dags reparse',
  summary: 'Read a DAG file again now',
  about: 'Exit code 1 when the file cannot be read; its last good DAGs stay in force then.',
  calls: [DagService.method.parseDagFile],
  args: { dagId: optional('[dag-id]', 'the DAG whose file is meant') },
  options: { file: text('--file <path>', 'the file, relative to the DAG folder') },
  examples: [
    'dagmesh dags reparse seattle_weather',
    'dagmesh dags reparse --file weather/seattle.ts',
  ],
  run: async ({ args, options }, { api, screen, signal }) => {
    if ((args.dagId === undefined) === (options.file === undefined)) {
      throw fail('bad_request', 'Name a DAG, or a file with --file, and not both.');
    }
    const answer = await api.dags.parseDagFile(
      { dagId: args.dagId ?? '', dagFile: options.file ?? '' },
      { signal, timeoutMs: DEADLINE_MS },
    );
    const { dagFile, dagIds, error, duration } = answer;
    showOne(screen, toPlain(ParseDagFileResponseSchema, answer), () =>
      error === '' ? dagIds.map(visible).join('\n') : visibleLines(error),
    );
    if (error !== '') {
      screen.say(`${dagFile} cannot be read; correct it and try again.`);
      return EXIT.failed;
    }
    const what = dagIds.length === 1 ? 'DAG' : 'DAGs';
    screen.say(
      `Read ${dagFile}: ${dagIds.length} ${what} in ${span(fromDuration(duration) ?? 0)}.`,
    );
    return EXIT.ok;
  },
});
