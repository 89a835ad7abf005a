// `dagmesh runs note`: write something beside a run.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { command, required } from '../../command.ts';
import { resolveRunId, runArgument } from './latest.ts';

export const noteRun = command({
  path: 'runs note',
  summary: 'Write a note beside a run',
  about: 'The note replaces the one that is there; an empty one ("") removes it.',
  calls: [DagRunService.method.setDagRunNote],
  args: {
    dagId: required('<dag-id>', 'the DAG'),
    runId: runArgument,
    note: required('<note>', 'at most 1,000 characters'),
  },
  examples: ['dagmesh runs note seattle_weather latest "with the corrected stations"'],
  run: async ({ args }, { api, screen }) => {
    const runId = await resolveRunId(api, args);
    await api.runs.setDagRunNote({ ...args, runId });
    screen.say(`${args.note === '' ? 'Removed the note' : 'Wrote the note'} of ${runId}.`);
  },
});
