// Logs through the public door: the right try, each byte once, to the end of the attempt.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ReadTaskLogResponse,
  TaskInstanceService,
} from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { Code, ConnectError, reasonOf } from '#kernel/errors/errors.ts';
import { createEdgeClient } from '#kernel/rpc/edge-client.ts';
import { type FakeMesh, startFakeMesh } from '../../../tests/kit/fake-mesh.ts';
import { logLine, tokenOf } from '../../../tests/kit/fake-world.ts';
import { eventually } from '../../../tests/kit/wait.ts';

let mesh: FakeMesh;
beforeEach(async () => {
  mesh = await startFakeMesh();
});
afterEach(() => mesh.stop());

const target = { dagId: 'etl', runId: 'manual__1', taskId: 'validate' };

function read(request: { readonly [field: string]: unknown }): AsyncIterable<ReadTaskLogResponse> {
  const client = createEdgeClient(TaskInstanceService, { url: mesh.url, token: tokenOf('viewer') });
  return client.readTaskLog({ ...target, ...request });
}

async function textOf(pieces: AsyncIterable<ReadTaskLogResponse>): Promise<string> {
  let text = '';
  for await (const piece of pieces) {
    expect(piece.offset).toBe(BigInt(Buffer.byteLength(text)));
    text += Buffer.from(piece.content).toString();
  }
  return text;
}

/** Makes the second attempt live again, with a log that grows. */
function revive(text: string) {
  const attempt = mesh.world.attempts.get('validate')?.[1] ?? {};
  const task = mesh.world.tasks[1] ?? {};
  const log = { text, isComplete: false };
  attempt.state = TaskAttemptState.RUNNING;
  task.state = TaskInstanceState.RUNNING;
  mesh.world.logs.set('validate/2', log);
  return { attempt, task, log };
}

describe('a log', () => {
  test('is that of the latest attempt unless a try is named', async () => {
    expect(await textOf(read({}))).toBe(logLine('second try'));
    expect(await textOf(read({ tryNumber: 1 }))).toBe(logLine('first try'));
  });

  test('begins where the caller says', async () => {
    const whole = logLine('second try');
    const [piece] = await Array.fromAsync(read({ offset: 10n }));
    expect(piece?.offset).toBe(10n);
    expect(Buffer.from(piece?.content ?? []).toString()).toBe(whole.slice(10));
  });

  test('of a try that did not happen does not exist', async () => {
    await expect(textOf(read({ tryNumber: 3 }))).rejects.toSatisfy(
      (error) => reasonOf(error) === 'attempt_not_found',
    );
    await expect(textOf(read({ taskId: 'load' }))).rejects.toThrow('dagmesh tasks explain');
  });

  test('is read through another executor when the first one breaks off', async () => {
    const gone = new ConnectError('gone', Code.Unavailable);
    mesh.faults.set('ReadLog', [gone, gone, gone]);
    expect(await textOf(read({}))).toBe(logLine('second try'));
  });

  test('is read although the executor that wrote it is gone', async () => {
    mesh.unmount('executor-1');
    expect(await textOf(read({}))).toBe(logLine('second try'));
  });
});

describe('following a log', () => {
  test('yields what is written until the log is complete', async () => {
    const { log } = revive('one\n');
    const pieces = read({ follow: true })[Symbol.asyncIterator]();
    const first = await pieces.next();
    expect(Buffer.from(first.value?.content).toString()).toBe('one\n');
    log.text += 'two\n';
    const second = await pieces.next();
    expect(Buffer.from(second.value?.content).toString()).toBe('two\n');
    log.isComplete = true;
    expect((await pieces.next()).done).toBe(true);
  });

  test('ends when the attempt has ended although its log was never completed', async () => {
    const { attempt, log } = revive('last words\n');
    const text = textOf(read({ follow: true }));
    attempt.state = TaskAttemptState.LOST;
    log.text += 'late words\n';
    expect(await text).toBe('last words\nlate words\n');
  });

  test('waits for the task to begin', async () => {
    const attempts = mesh.world.attempts.get('validate') ?? [];
    mesh.world.attempts.set('validate', []);
    revive('');
    const text = textOf(read({ follow: true }));
    const looks = () => mesh.asked.filter(({ rpc }) => rpc === 'GetTaskInstance').length;
    await eventually(() => looks() >= 2, { deadlineMs: 60_000, what: 'it looks twice' });
    mesh.world.attempts.set('validate', attempts);
    mesh.world.logs.set('validate/2', { text: 'begun\n', isComplete: true });
    expect(await text).toBe('begun\n');
  });

  test('stops behind the door as well when the caller leaves', async () => {
    revive('one\n');
    for await (const piece of read({ follow: true })) {
      expect(piece.content.length).toBe(4);
      break;
    }
    const left = () => mesh.asked.some(({ rpc }) => rpc === 'ReadLog ended');
    await eventually(left, { deadlineMs: 60_000, what: 'the executor is left alone' });
  });
});
