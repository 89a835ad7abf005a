// What end-to-end tests do with a mesh, in the words of a user: wait for a DAG, run it, look at
// what became of it.
import pg from 'pg';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import {
  type DagRun,
  DagRunState,
  type TaskInstance,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { TestMesh } from './mesh.ts';
import { eventually, eventuallyGives } from './wait.ts';

export type RunRef = { readonly dagId: string; readonly runId: string };

/** Waits until a DAG has been parsed. */
export async function waitForDag(mesh: TestMesh, dagId: string): Promise<void> {
  const dags = mesh.client(DagService);
  await eventually(
    () =>
      dags.getDag({ dagId }).then(
        () => true,
        () => false,
      ),
    { deadlineMs: 120_000, what: () => `DAG ${dagId} is there\n${mesh.tails()}` },
  );
}

/** Triggers a run of a DAG. */
export async function trigger(mesh: TestMesh, dagId: string, conf?: object): Promise<RunRef> {
  await waitForDag(mesh, dagId);
  const confJson = conf === undefined ? '' : JSON.stringify(conf);
  const { runId } = await mesh.client(DagRunService).triggerDagRun({ dagId, confJson });
  return { dagId, runId };
}

/**
 * Waits until a run has finished; answers it. A run that hangs fails with what the programs said.
 */
export async function finish(mesh: TestMesh, of: RunRef, deadlineMs = 60_000): Promise<DagRun> {
  const runs = mesh.client(DagRunService);
  return eventuallyGives(
    async () => {
      const { run } = await runs.getDagRun(of).catch(() => ({ run: undefined }));
      return run !== undefined && isFinished(run.state) ? run : undefined;
    },
    { deadlineMs, what: () => `run ${of.runId} of ${of.dagId} ends\n${mesh.tails()}` },
  );
}

/** Triggers a run and waits for its end. */
export async function runDag(mesh: TestMesh, dagId: string, conf?: object) {
  const ref = await trigger(mesh, dagId, conf);
  const run = await finish(mesh, ref);
  return { ...ref, state: nameOf(DagRunState, run.state), reason: run.stateReason };
}

/** The states of a run's tasks by task id, as their enum names. */
export async function taskStates(mesh: TestMesh, of: RunRef): Promise<Record<string, string>> {
  const found = await taskInstances(mesh, of);
  return Object.fromEntries(
    found.map((each) => [each.taskId, nameOf(TaskInstanceState, each.state)]),
  );
}

/** All task instances of a run. */
export async function taskInstances(mesh: TestMesh, of: RunRef): Promise<TaskInstance[]> {
  const tasks = mesh.client(TaskInstanceService);
  const all: TaskInstance[] = [];
  let pageToken = '';
  do {
    const page = await tasks.listTaskInstances({ ...of, pageSize: 1000, pageToken });
    all.push(...page.taskInstances);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return all;
}

/** The whole log of a task's latest attempt, as its messages. */
export async function logLines(mesh: TestMesh, of: RunRef & { taskId: string }): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  for await (const piece of mesh.client(TaskInstanceService).readTaskLog(of)) {
    chunks.push(piece.content);
  }
  const text = Buffer.concat(chunks).toString('utf8').trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line).message as string);
}

/** What a succeeded task returned, read behind the scenes. */
export async function returnValue(mesh: TestMesh, of: RunRef & { taskId: string }) {
  const rows = await query<{ value: string }>(
    mesh,
    `select x.value::text as value from xcom x
     join task_instance i on i.attempt_id = x.attempt_id
     join dag_run r on r.id = i.dag_run_id
     where r.dag_id = $1 and r.run_id = $2 and i.task_id = $3 and x.key = 'return_value'`,
    [of.dagId, of.runId, of.taskId],
  );
  return rows[0] === undefined ? undefined : JSON.parse(rows[0].value);
}

/** Looks behind the scenes: one statement on the mesh's own database. */
export async function query<Row extends pg.QueryResultRow>(
  mesh: TestMesh,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: mesh.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** The name of an enum's value, e.g. `SUCCESS`. */
export function nameOf(values: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(values).find((name) => values[name] === value) ?? `value ${value}`;
}

function isFinished(state: DagRunState): boolean {
  return state === DagRunState.SUCCESS || state === DagRunState.FAILED;
}
