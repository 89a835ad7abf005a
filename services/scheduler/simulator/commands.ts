// What people do to runs of a simulation: through the very handlers that serve the mesh.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RespondHumanInputRequestSchema } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import { TriggerDagRunRequestSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { receiveDeliveries } from '../core/asset/deliveries.ts';
import { type Instance, instanceOf, nameOf } from '../core/instance.ts';
import type { Run } from '../core/run/run.ts';
import { TaskInstanceState } from '../core/state.ts';
import { fire, isCurrent, type WaitEvent } from '../core/wait/wait-end.ts';
import type { RpcContext } from '../rpc/context.ts';
import { respondHumanInput } from '../rpc/operations/respond-human-input.ts';
import { triggerDagRun } from '../rpc/runs/trigger-dag-run.ts';
import { deliveriesOf } from './ledger/deliveries.ts';
import type { Memory } from './ledger/memory.ts';
import type { Simulation } from './simulation.ts';

/** What a run is asked for with; ids of requests are made up where there are none. */
export type TriggerInit = Omit<MessageInitShape<typeof TriggerDagRunRequestSchema>, '$typeName'>;

/** What an answer to a question says. */
export type ResponseInit = Omit<
  MessageInitShape<typeof RespondHumanInputRequestSchema>,
  '$typeName'
>;

/** What people can do. */
export type Commands = {
  /** Triggers a run. Rejects with `dag_not_found`, `run_exists`, `bad_params`. */
  trigger(request: TriggerInit): Promise<Run>;
  /** Answers a question. Rejects with `not_awaiting_input`, `not_assigned`, `bad_answer`. */
  respond(request: ResponseInit): Promise<void>;
  /** Lets the trigger fire that an instance waits for; `bad_request` when it waits for none. */
  fire(instance: Instance, event: WaitEvent): void;
  /** Updates an asset from outside. */
  updateAsset(update: AssetUpdateInit): void;
};

/** An update of an asset, by its name or its URI. */
export type AssetUpdateInit = Pick<
  MessageInitShape<typeof AssetEventSchema>,
  'assetName' | 'assetUri' | 'extraJson' | 'partitionKey'
>;

/** What run ids look like in a mesh that says nothing about it. */
const ANY_ID = /^[A-Za-z0-9_.~:+-]+$/;

/** What anybody is called who names nobody. */
const ACTOR = 'test';

/** Commands for a simulation. */
export function createCommands(simulation: Simulation, memory: Memory): Commands {
  const call = { signal: new AbortController().signal } as Parameters<
    ReturnType<typeof triggerDagRun>
  >[1];
  const context = contextOf(simulation);
  const trigger = triggerDagRun(context);
  const respond = respondHumanInput(context);
  let requestsCount = 0;
  return {
    trigger: async (request) => {
      requestsCount += 1;
      findDag(simulation, request.dagId ?? '');
      requireNew(simulation, request);
      const asked = { actor: ACTOR, requestId: `test-${requestsCount}`, ...request };
      const { dagRunId } = await trigger(create(TriggerDagRunRequestSchema, asked), call);
      const run = simulation.runs().find(({ id }) => id === dagRunId);
      if (run === undefined) throw fail('internal', `the run ${dagRunId} was not made`);
      return run;
    },
    respond: async (request) => {
      const asked = { actor: ACTOR, ...request };
      await respond(create(RespondHumanInputRequestSchema, asked), call);
    },
    fire: (instance, event) => {
      const isDeferred = instance.state === TaskInstanceState.DEFERRED;
      const waitId = instance.wait?.waitId ?? '';
      if (!isDeferred || !isCurrent(instance, waitId)) {
        throw fail('bad_request', `"${nameOf(instance)}" waits for no trigger; let it defer first`);
      }
      simulation.decide((deciding) => fire(deciding, instance, event));
    },
    updateAsset: (update) =>
      simulation.decide((deciding, moment) => {
        const event = create(AssetEventSchema, {
          ...update,
          id: moment.newId(),
          timestamp: toTimestamp(moment.nowMs),
          actor: ACTOR,
        });
        memory.noteAssetEvent(event);
        receiveDeliveries(deciding, moment, deliveriesOf(deciding.picture, [event]));
      }),
  };
}

/** What the ledger refuses: of a DAG's runs, each has its own id and its own logical date. */
function requireNew(simulation: Simulation, { dagId, runId, logicalDate }: TriggerInit): void {
  const dateMs =
    logicalDate === undefined ? undefined : fromTimestamp(create(TimestampSchema, logicalDate));
  const twin = simulation
    .runs()
    .find(
      (run) =>
        run.dag.dagId === dagId &&
        (run.runId === runId || (dateMs !== undefined && run.logicalDateMs === dateMs)),
    );
  if (twin === undefined) return;
  const words = `DAG "${dagId}" has a run "${twin.runId}" already`;
  throw fail('run_exists', `${words}; choose another run id and logical date`);
}

/** A run by its ids; without a run id the DAG's latest, without a DAG id that of the only DAG. */
export function findRun(
  simulation: Simulation,
  { dagId = '', runId = '' }: { readonly dagId?: string; readonly runId?: string },
): Run {
  const { dag } = findDag(simulation, dagId);
  const runs = simulation.runs().filter((run) => run.dag === dag);
  const found = runs.findLast((run) => runId === '' || run.runId === runId);
  if (found !== undefined) return found;
  const which = runId === '' ? 'no run yet; make one' : `no run "${runId}"`;
  throw fail('run_not_found', `DAG "${dag.dagId}" has ${which}`);
}

/** A DAG by its id; without one, the only DAG there is. */
export function findDag(simulation: Simulation, dagId: string) {
  const dags = [...simulation.picture.dags.values()];
  const known = dags.map((dag) => dag.dagId).join(', ');
  const [only] = dags;
  if (dagId === '' && only !== undefined && dags.length === 1) return { dag: only };
  if (dagId === '') throw fail('bad_request', `name one of the DAGs: ${known}`);
  const dag = dags.find((each) => each.dagId === dagId);
  if (dag === undefined) {
    throw fail('dag_not_found', `there is no DAG "${dagId}" in this test, but ${known}`);
  }
  return { dag };
}

/** An instance by its name, e.g. `load` or `load[3]`. */
export function findInstance(run: Run, name: string): Instance {
  const [, taskId = name, index] = /^(.*)\[(\d+)\]$/.exec(name) ?? [];
  const instance = instanceOf(run, taskId, index === undefined ? -1 : Number(index));
  if (instance !== undefined) return instance;
  const known = run.version.tasks.map((task) => task.taskId).join(', ');
  throw fail(
    'task_not_found',
    `run "${run.runId}" has no task instance "${name}"; its tasks are ${known}`,
  );
}

/** As much of a scheduler as these handlers touch: it owns every DAG, and its ledger is empty. */
function contextOf(simulation: Simulation): RpcContext {
  const owns = {
    requireDag: () => undefined,
    owns: () => true,
  } satisfies Partial<RpcContext['ownership']>;
  const engine = {
    picture: () => simulation.picture,
    decide: (decision) => Promise.resolve().then(() => simulation.decide(decision)),
  } satisfies Partial<RpcContext['engine']>;
  const ledger = {
    loadRun: ({ runId = '' }: { readonly runId?: string }) =>
      Promise.reject(fail('run_not_found', `run "${runId}" is over, or there is none`)),
  };
  return {
    ownership: owns,
    engine,
    ledger,
    learn: () => Promise.resolve(),
    runIdPattern: ANY_ID,
  } as unknown as RpcContext;
}
