// Who is told what, on both forms of the system: callbacks of tasks and runs, webhooks, mails,
// deadlines, SLAs; and what failures bring about.
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { DagRunState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { type MailServer, startMailServer } from '../../sdk/typescript/src/testkit/mail-server.ts';
import { finish, runDag, type RunRef, taskStates, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, type MeshOptions, ownDags, readIfThere } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';

/** What a callback was told. */
type Told = {
  readonly event: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string;
  readonly state: string;
  readonly reason?: string;
  readonly try_number?: number;
  readonly params?: object;
};

let site: Server;
let posts: { readonly url: string | undefined; readonly header: unknown; readonly body: string }[];
let mail: MailServer;

beforeAll(async () => {
  site = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      posts.push({ url: request.url, header: request.headers['x-team'], body });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  mail = await startMailServer();
});
afterAll(() => {
  site.close();
  mail.stop();
});

describe.each(modes)('on %s', (mode) => {
  const toldFile = (folder: string) => join(folder, 'told.jsonl');
  const plan = (folder: string): MeshOptions => {
    const dagsFolder = ownDags(folder, 'alerts.ts', 'alerts.py');
    writeFileSync(join(dagsFolder, 'outside.ts'), outside((site.address() as AddressInfo).port));
    const env = { DAGMESH_TOLD: toldFile(folder) };
    return {
      mode,
      dagsFolder,
      env: fastTimings,
      workers: [
        { language: 'typescript', env },
        { language: 'python', queues: 'python', env },
      ],
    };
  };
  const mesh = useMesh(plan, async (started) => {
    posts = [];
    const connection = { connId: 'smtp_default', connType: 'smtp', host: '127.0.0.1' };
    await started
      .client(ConnectionService)
      .putConnection({ connection: { ...connection, port: mail.port, login: 'mesh@test' } });
    await waitForDag(started, 'told');
  });

  const toldOf = ({ runId }: { runId: string }): Told[] =>
    (readIfThere(toldFile(mesh.folder)) ?? '')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Told)
      .filter((each) => each.run_id === runId);

  /** Everything that is told of a run, once all its callbacks have run. */
  const allTold = async (run: RunRef, count: number): Promise<Told[]> => {
    const alerts = mesh.client(AlertService);
    await eventually(
      async () => {
        const { runs } = await alerts.listCallbacks({ ...run, pageSize: 100 });
        return runs.length >= count && runs.every(({ state }) => state === DagRunState.SUCCESS);
      },
      {
        deadlineMs: 60_000,
        what: () => `${count} callbacks of ${run.dagId} have run\n${mesh.tails()}`,
      },
    );
    return toldOf(run);
  };

  const inWords = (told: readonly Told[]) =>
    told.map(({ event, task_id, state }) => `${event} ${task_id || 'run'} ${state}`).sort();

  test('tasks and runs tell what became of them, and only what they did themselves', async () => {
    const run = await runDag(mesh, 'told', { who: 'you' });
    const told = await allTold(run, 11);
    expect(inWords(told)).toEqual([
      'execute fails running',
      'execute skips running',
      'execute succeeds running',
      'execute tries_twice running',
      'execute tries_twice running',
      'failure fails failed',
      'failure run failed',
      'retry tries_twice up_for_retry',
      'skipped skips skipped',
      'success succeeds success',
      'success tries_twice success',
    ]);
    const failure = told.find(({ event, task_id }) => event === 'failure' && task_id === '');
    expect(failure).toMatchObject({ dag_id: 'told', reason: 'task_failure' });
    const retry = told.find(({ event }) => event === 'retry');
    expect(retry).toMatchObject({ try_number: 1, params: { who: 'you' } });
  });

  test('a run that succeeds tells just that', async () => {
    const run = await runDag(mesh, 'pleased');
    expect(inWords(await allTold(run, 1))).toEqual(['success run success']);
  });

  test('callbacks in Python are told the same', async () => {
    const run = await runDag(mesh, 'told_python');
    const told = await allTold(run, 8);
    expect(inWords(told)).toEqual([
      'execute fails running',
      'execute skips running',
      'execute succeeds running',
      'failure fails failed',
      'failure run failed',
      'retry tries_twice up_for_retry',
      'skipped skips skipped',
      'success succeeds success',
    ]);
  });

  test('a state set by hand tells nothing of the task', async () => {
    const tasks = mesh.client(TaskInstanceService);
    const ref = await trigger(mesh, 'by_hand');
    for (const [taskId, state] of [
      ['after', TaskInstanceState.FAILED],
      ['after', TaskInstanceState.SKIPPED],
      ['after', TaskInstanceState.SUCCESS],
      ['slow', TaskInstanceState.SUCCESS],
    ] as const) {
      await tasks.markTaskInstances({ selection: { ...ref, taskIds: [taskId] }, state });
    }
    await finish(mesh, ref);
    const { runs } = await mesh.client(AlertService).listCallbacks(ref);
    expect(runs).toEqual([]);
  });

  test('a webhook gets the context, or its own words with values in them', async () => {
    const run = await runDag(mesh, 'posts');
    await eventually(() => posts.length >= 2, {
      deadlineMs: 60_000,
      what: () => `both webhooks were called\n${mesh.tails()}`,
    });
    const plain = posts.find(({ url }) => url === '/plain');
    expect(JSON.parse(plain?.body ?? '')).toMatchObject({
      event: 'success',
      dag_id: 'posts',
      run_id: run.runId,
      task_id: 't',
    });
    const worded = posts.find(({ url }) => url === '/worded');
    expect(worded).toEqual({ url: '/worded', header: 'data', body: `posts: ${run.runId} success` });
  });

  test('a mail goes to all who are named, by the connection for mail', async () => {
    const run = await runDag(mesh, 'mails');
    const received = await mail.next();
    expect(received.to).toEqual(['a@example.com', 'b@example.com']);
    const [headers = '', body = ''] = received.text.split('\r\n\r\n');
    expect(headers).toContain('Subject: mails failed');
    expect(body).toContain(run.runId);
  });

  test('a deadline that is missed tells once and is listed; one that is kept leaves nothing', async () => {
    const alerts = mesh.client(AlertService);
    const run = await trigger(mesh, 'late');
    await finish(mesh, run);
    const [told] = await allTold(run, 1);
    expect(told).toMatchObject({ event: 'deadline_missed', dag_id: 'late' });
    const { deadlines } = await alerts.listDeadlines(run);
    expect(deadlines.map(({ name }) => name)).toEqual(['soon']);
    const [missed] = deadlines;
    const { run: row } = await mesh.client(DagRunService).getDagRun(run);
    const dueMs = (fromTimestamp(row?.queuedAt) ?? 0) + 500;
    expect(fromTimestamp(missed?.dueAt)).toBe(dueMs);
    expect(fromTimestamp(missed?.missedAt)).toBeGreaterThanOrEqual(dueMs);
    expect(fromTimestamp(missed?.missedAt)).toBeLessThan(dueMs + 20_000);
  });

  test('an SLA that is missed tells the task and its DAG, and is listed', async () => {
    const run = await runDag(mesh, 'unpunctual');
    const told = await allTold(run, 2);
    expect(inWords(told)).toEqual(['sla_miss slow running', 'sla_miss slow running']);
    const { slaMisses } = await mesh.client(AlertService).listSlaMisses(run);
    expect(slaMisses).toMatchObject([{ taskId: 'slow', runId: run.runId, mapIndex: -1 }]);
  });

  test('with fail_fast the first failure ends the rest, but for the teardown', async () => {
    const run = await runDag(mesh, 'hasty');
    expect(run.state).toBe('FAILED');
    expect(await taskStates(mesh, run)).toEqual({
      create: 'SUCCESS',
      moment: 'SUCCESS',
      fails: 'FAILED',
      slow: 'FAILED',
      never: 'SKIPPED',
      remove: 'SUCCESS',
    });
  });

  test('runs that fail one after the other pause their DAG', async () => {
    const dags = mesh.client(DagService);
    const isPaused = async () => (await dags.getDag({ dagId: 'gives_up' })).dag?.isPaused;
    const dated = async (date: number, conf: object = {}) => {
      const ref = { dagId: 'gives_up', runId: `day-${date}` };
      const logicalDate = toTimestamp(Date.UTC(2024, 0, date));
      await mesh
        .client(DagRunService)
        .triggerDagRun({ ...ref, logicalDate, confJson: JSON.stringify(conf) });
      await finish(mesh, ref);
      return ref;
    };
    await dated(1);
    await dated(2, { succeeds: true });
    await dated(3);
    expect(await isPaused()).toBe(false);
    const last = await dated(4);
    await eventuallyGives(async () => (await isPaused()) || undefined, {
      deadlineMs: 60_000,
      what: () => `the DAG is paused\n${mesh.tails()}`,
    });
    expect(inWords(await allTold(last, 1))).toEqual(['failure run failed']);
  });
});

/** DAGs whose callbacks leave the mesh. */
function outside(port: number): string {
  return `import { dag, email, FailTask, webhook } from '@dagmesh/sdk';
const site = 'http://127.0.0.1:${port}';
export const posts = dag('posts', {}, (d) => {
  d.task('t', {
    onSuccess: [
      webhook({ url: \`\${site}/plain\` }),
      webhook({
        url: \`\${site}/worded\`,
        headers: { 'x-team': 'data' },
        body: '{{ dag_id }}: {{ run_id }} {{ state }}',
      }),
    ],
  }, () => 1);
});
export const mails = dag('mails', {
  onFailure: email({ to: ['a@example.com', 'b@example.com'], subject: '{{ dag_id }} failed' }),
}, (d) => {
  d.task('t', () => {
    throw new FailTask('on purpose');
  });
});
`;
}
