// Finished runs are read for a command: one that is another meanwhile must be read again.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  DagVersionRecordSchema,
  type LoadRunResponse,
  LoadRunResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import { allIn, NEW_YEAR_MS } from '../testing/picture-world.ts';
import { clearInstances } from '../core/operation/clear.ts';
import { markRun } from '../core/operation/mark.ts';
import { writeNote } from '../core/operation/note.ts';
import type { Deciding } from '../core/deciding.ts';
import type { Moment } from '../core/picture.ts';
import type { Run } from '../core/run/run.ts';
import { DagRunState } from '../core/state.ts';
import { rowsAfter } from '../simulator/ledger/ledger-rows.ts';
import { createSimulation, type Simulation } from '../simulator/simulation.ts';
import type { RpcContext } from './context.ts';
import { findRun } from './find.ts';

const spec = { dagId: 'd', tasks: [{ taskId: 'a' }] };

function contextOf(simulation: Simulation): RpcContext {
  return {
    ownership: { requireDag: () => undefined },
    engine: {
      picture: () => simulation.picture,
      decide: (decision: Parameters<Simulation['decide']>[0]) =>
        Promise.resolve().then(() => simulation.decide(decision)),
    },
    ledger: { loadRun: async () => read(simulation) },
  } as unknown as RpcContext;
}

function read(simulation: Simulation): LoadRunResponse {
  const [ended] = rowsAfter(simulation.commits).ended;
  if (ended === undefined) throw fail('run_not_found', 'no run has ended');
  const version = create(DagVersionRecordSchema, { dagVersionId: 1n, dagId: 'd', spec });
  const { run, taskInstances } = ended;
  return create(LoadRunResponseSchema, { run, taskInstances: [...taskInstances], version });
}

function play(simulation: Simulation): void {
  for (const attempt of simulation.lease(9)) {
    simulation.report(attempt, { end: AttemptEnd.SUCCESS });
  }
}

type Change = (deciding: Deciding, moment: Moment, run: Run) => void;

const clear: Change = (deciding, moment, run) => clearInstances(deciding, moment, run, allIn(run));

test.each<[string, Change]>([
  ['ran again', clear],
  [
    'has a cleared task',
    (deciding, moment, run) =>
      clearInstances(deciding, moment, run, allIn(run), { keepsRunState: true }),
  ],
  [
    'was set to another state',
    (deciding, _, run) => markRun(deciding, run, DagRunState.FAILED, 'me'),
  ],
  [
    'has another note',
    (deciding, _, run) => writeNote(deciding, run, { instance: undefined, note: 'mine' }),
  ],
])('a run that %s since it was read is not taken as it was', async (_, change) => {
  const simulation = createSimulation([spec], { startMs: NEW_YEAR_MS });
  const { runId } = simulation.trigger('d');
  play(simulation);
  const context = contextOf(simulation);
  const find = () => findRun(context, { dagId: 'd', runId });
  const [early, other] = [await find(), await find()];
  simulation.decide((deciding, moment) =>
    change(deciding, moment, other(deciding.picture, moment)),
  );
  play(simulation);
  const late = () => simulation.decide(({ picture }, moment) => early(picture, moment));
  expect(simulation.dag('d').runs.size).toBe(0);
  expect(late).toThrow('has just ended');
  const again = await find();
  const run = simulation.decide(({ picture }, moment) => again(picture, moment));
  expect(run.clearNumber).toBe(change === clear ? 1 : run.clearNumber);
});

test('a run of a DAG that went to another scheduler and came back must be read again', async () => {
  const simulation = createSimulation([spec], { startMs: NEW_YEAR_MS });
  const { runId } = simulation.trigger('d');
  play(simulation);
  const find = await findRun(contextOf(simulation), { dagId: 'd', runId });
  const heir = createSimulation([spec], { startMs: NEW_YEAR_MS, history: simulation.commits });
  simulation.picture.dags.set('d', heir.dag('d'));
  const taken = simulation.decide(async ({ picture }, moment) => find(picture, moment));
  expect(await taken.catch(reasonOf)).toBe('taking_over');
});
