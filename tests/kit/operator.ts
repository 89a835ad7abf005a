// What an operator does to runs by hand in end-to-end tests, and what became of them.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { finish, nameOf, type RunRef, taskInstances, trigger } from './flow.ts';
import type { TestMesh } from './mesh.ts';

/** What is cleared: a run, and what narrows it or widens it. */
export type Selection = RunRef & { readonly taskIds?: string[]; readonly [how: string]: unknown };

/** Somebody who operates a mesh. */
export type Operator = {
  readonly runs: Client<typeof DagRunService>;
  readonly tasks: Client<typeof TaskInstanceService>;
  /** Triggers a run and waits for its end. */
  ran(dagId: string, conf?: object): Promise<RunRef>;
  /** State and tries of each instance of a run, e.g. `SUCCESS 2`. */
  outcome(of: RunRef): Promise<Record<string, string>>;
  /** Clears; answers what was cleared, e.g. `each[1]`, or `a of RUN` in another run. */
  clear(selection: Selection, how?: object): Promise<string[]>;
};

/** An operator of this mesh. */
export function operatorOf(mesh: TestMesh): Operator {
  const tasks = mesh.client(TaskInstanceService);
  return {
    runs: mesh.client(DagRunService),
    tasks,
    ran: async (dagId, conf = {}) => {
      const ref = await trigger(mesh, dagId, conf);
      await finish(mesh, ref);
      return ref;
    },
    outcome: async (of) =>
      Object.fromEntries(
        (await taskInstances(mesh, of)).map((instance) => [
          instanceName(instance),
          `${nameOf(TaskInstanceState, instance.state)} ${instance.tryNumber}`,
        ]),
      ),
    clear: async (selection, how = {}) => {
      const { taskInstances: cleared } = await tasks.clearTaskInstances({ selection, ...how });
      return cleared.map((instance) => {
        const name = instanceName(instance);
        return instance.runId === selection.runId ? name : `${name} of ${instance.runId}`;
      });
    },
  };
}

/** Why a call was refused, in the words of the error table. */
export function reasonFrom(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: unknown) => reasonOf(error) ?? String(error),
  );
}

function instanceName(of: { readonly taskId: string; readonly mapIndex: number }): string {
  return of.mapIndex < 0 ? of.taskId : `${of.taskId}[${of.mapIndex}]`;
}
