// `dagmesh dags pause` and `unpause`: hold a DAG back, or let it go.
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { command, required } from '../../command.ts';

export const pauseDag = command({
  path: 'dags pause',
  summary: 'Start no new runs and tasks of a DAG',
  about: 'What is running goes on to its end.',
  calls: [DagService.method.pauseDag],
  args: { dagId: required('<dag-id>', 'the DAG') },
  examples: ['dagmesh dags pause seattle_weather'],
  run: async ({ args }, { api, screen }) => {
    await api.dags.pauseDag({ dagId: args.dagId });
    screen.say(`Paused ${args.dagId}. Let it go on: dagmesh dags unpause ${args.dagId}`);
  },
});

export const unpauseDag = command({
  path: 'dags unpause',
  summary: 'End the pause of a DAG',
  calls: [DagService.method.unpauseDag],
  args: { dagId: required('<dag-id>', 'the DAG') },
  examples: ['dagmesh dags unpause seattle_weather'],
  run: async ({ args }, { api, screen }) => {
    await api.dags.unpauseDag({ dagId: args.dagId });
    screen.say(`Unpaused ${args.dagId}. See its runs: dagmesh runs list ${args.dagId}`);
  },
});
