// `latest` as a run id: the newest run of a DAG.
import { fail } from '#kernel/errors/errors.ts';
import type { Api } from '../../api.ts';
import { required } from '../../command.ts';

const LATEST = 'latest';

/** The argument of every command about a run. */
export const runArgument = required('<run-id>', 'the run, or "latest"');

/** The run that is meant. Errors: NOT_FOUND (`run_not_found`) when the DAG has none. */
export async function resolveRunId(
  api: Api,
  { dagId, runId }: { readonly dagId: string; readonly runId: string },
): Promise<string> {
  if (runId !== LATEST) return runId;
  const { runs } = await api.runs.listDagRuns({ dagId, pageSize: 1 });
  const [newest] = runs;
  if (newest !== undefined) return newest.runId;
  // A DAG that does not exist has no runs either; its own error is the better answer.
  await api.dags.getDag({ dagId });
  throw fail(
    'run_not_found',
    `DAG "${dagId}" has no runs yet; start one with: dagmesh dags trigger ${dagId}`,
  );
}
