// The simulator as other languages meet it: lines of JSON in, lines of JSON out.
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { createDoor } from './door.ts';
import { objectOf } from './line.ts';
import { PROTOCOL_VERSION } from './theatre.ts';

const spec = {
  dagId: 'd',
  activeRunsMax: 16,
  activeTasksMax: 16,
  tasks: ['a', 'b'].map((taskId) => ({
    taskId,
    handler: `x.ts:${taskId}`,
    queue: 'default',
    pool: 'default_pool',
    poolSlots: 1,
    priorityWeight: 1,
    connections: ['db'],
    upstreamTaskIds: taskId === 'b' ? ['a'] : [],
  })),
};

/** The other side: what it heard, and what it does with events. */
function visitor(onEvent: (event: JsonObject, say: (message: JsonObject) => void) => void) {
  const answers = new Map<unknown, (answer: JsonObject) => void>();
  const events: JsonObject[] = [];
  const door = createDoor((message) => {
    if ('answer' in message) return answers.get(message['answer'])?.(message);
    events.push(message);
    // As over a pipe: never before the door has said all it has to say.
    queueMicrotask(() => onEvent(message, (said) => door.hear(said)));
  });
  let id = 0;
  const ask = (op: string, fields: JsonObject = {}) => {
    id += 1;
    const own = id;
    return new Promise<JsonObject>((resolve) => {
      answers.set(own, resolve);
      door.hear({ op, id: own, ...fields });
    });
  };
  const open = (options: JsonObject = {}) =>
    ask('open', { version: PROTOCOL_VERSION, specs: [spec], options: { start_ms: 0, ...options } });
  /** Says something that may not even have an id; answers what is said next. */
  const hear = (message: JsonObject) =>
    new Promise<JsonObject>((resolve) => {
      for (const number of [0, 7]) answers.set(number, resolve);
      door.hear({ id: 7, ...message });
    });
  return { ask, open, hear, events };
}

const success = (event: JsonObject, more: JsonObject = {}) => ({
  op: 'outcome',
  attempt: event['attempt'] ?? '',
  report: { attemptToken: 'x', outcome: 'OUTCOME_SUCCESS', ...more },
});

describe('the door', () => {
  test('tells of attempts and takes their outcomes, in protobuf’s JSON form', async () => {
    const { ask, open, events } = visitor((event, say) => {
      if (event['event'] !== 'perform') return;
      say({
        ...success(event, { xcoms: [{ key: 'return_value', valueJson: '7' }] }),
        took_ms: 500,
      });
    });
    expect(await open()).toMatchObject({ ok: { version: 1, now_ms: 0 } });
    await ask('trigger', { params: { x: 1 } });
    const { ok } = await ask('play');
    expect(ok).toMatchObject({
      now_ms: 1_000,
      result: {
        state: 'success',
        params: { x: 1 },
        tasks: { a: 'success', b: 'success' },
        xcoms: { b: { return_value: 7 } },
        tries: { b: [{ number: 1, state: 'success', start_ms: 500, end_ms: 1_000 }] },
        waits: {},
      },
    });
    expect(events.map(({ event, now_ms }) => [event, now_ms])).toEqual([
      ['perform', 0],
      ['perform', 500],
    ]);
    expect(events[0]).toMatchObject({ lease: { dagId: 'd', taskId: 'a', tryNumber: 1 } });
  });

  test('answers calls of attempts, and lets them sleep', async () => {
    const { ask, open, events } = visitor((event, say) => {
      const attempt = event['attempt'] ?? '';
      const call = (number: number, method: string, input: JsonObject) =>
        say({ op: 'call', attempt, call: number, method, input });
      if (event['event'] === 'perform') call(1, 'getVariable', { key: 'absent' });
      else if (event['call'] === 1) call(2, 'getConnection', { connId: 'db' });
      else if (event['call'] === 2) call(3, 'fly', {});
      else if (event['call'] === 3) say({ op: 'sleep', attempt, ms: 250 });
      else say(success(event));
    });
    await open({ connections: [{ connId: 'db', host: 'h' }] });
    await ask('trigger');
    expect(await ask('play')).toMatchObject({ ok: { now_ms: 500 } });
    expect(events.slice(1, 5)).toMatchObject([
      { call: 1, error: { code: 'not_found', message: 'there is no variable absent' } },
      { call: 2, output: { connection: { connId: 'db', host: 'h' } } },
      { call: 3, error: { code: 'unimplemented' } },
      { event: 'awake', now_ms: 250 },
    ]);
  });

  test('refuses with a reason and goes on', async () => {
    const { ask, open } = visitor((event, say) => say(success(event)));
    const reasonOf = async (answer: Promise<JsonObject>) =>
      ((await answer)['error'] as JsonObject | undefined)?.['name'];
    expect(await reasonOf(ask('play'))).toBe('bad_request');
    expect(await reasonOf(ask('open', { version: 99 }))).toBe('bad_request');
    expect(await reasonOf(ask('open', { version: PROTOCOL_VERSION, specs: [] }))).toBe(
      'bad_request',
    );
    await open();
    expect(await reasonOf(ask('fly'))).toBe('bad_request');
    expect(await reasonOf(ask('play'))).toBe('run_not_found');
    expect(await reasonOf(ask('trigger', { dag_id: 'e' }))).toBe('dag_not_found');
    expect(await reasonOf(ask('trigger', { run_id: 'one' }))).toBeUndefined();
    expect(await reasonOf(ask('trigger', { run_id: 'one' }))).toBe('run_exists');
    expect(await reasonOf(ask('explain', { task: 'c' }))).toBe('task_not_found');
    expect(await reasonOf(ask('respond', { task: 'a' }))).toBe('not_awaiting_input');
    expect(await reasonOf(ask('advance'))).toBe('bad_request');
    const [playing, meanwhile] = [ask('play'), ask('play')];
    expect(await reasonOf(meanwhile)).toBe('bad_request');
    expect(await playing).toMatchObject({ ok: { result: { state: 'success' } } });
  });

  test.each<[string, JsonObject]>([
    ['no known outcome', { report: { outcome: 'PERHAPS' } }],
    ['a value that is not JSON', { report: { xcoms: [{ key: 'return_value', valueJson: '{' }] } }],
    ['no time that it took', { report: {}, took_ms: 'long' }],
  ])('ends a play when a report has %s', async (_what, report) => {
    const { ask, open } = visitor((event, say) =>
      say({ op: 'outcome', attempt: event['attempt'] ?? '', ...report }),
    );
    await open();
    await ask('trigger');
    expect(await ask('play')).toMatchObject({ error: { name: 'bad_request' } });
  });

  test('refuses to store what is not JSON', async () => {
    const { ask, open, events } = visitor((event, say) => {
      const attempt = event['attempt'] ?? '';
      const input = { xcom: { key: 'k', valueJson: 'oops' } };
      if (event['event'] === 'perform')
        say({ op: 'call', attempt, call: 1, method: 'pushXCom', input });
      else say(success(event));
    });
    await open();
    await ask('trigger');
    expect(await ask('play')).toMatchObject({ ok: { result: { state: 'success' } } });
    expect(events[1]).toMatchObject({ call: 1, error: { code: 'invalid_argument' } });
  });

  test.each<[string, JsonObject]>([
    ['an id that is no number', { op: 'runs', id: 'one' }],
    ['an operation that is no text', { op: 7 }],
    ['an instant that is none', { op: 'advance', until_ms: Number.POSITIVE_INFINITY }],
    ['an instant beyond all calendars', { op: 'advance', until_ms: 1e18 }],
    ['a spec that is none', { op: 'open', version: 1, specs: [{ tasks: 7 }] }],
    ['a spec that cannot be read', { op: 'open', version: 1, specs: ['////'] }],
    ['no time to begin', { op: 'open', version: 1, specs: [spec], options: { start_ms: 1e18 } }],
    ['no slots', { op: 'open', version: 1, specs: [spec], options: { slots: 0 } }],
    [
      'a pool without number',
      { op: 'open', version: 1, specs: [spec], options: { pools: { p: 'x' } } },
    ],
    [
      'a variable that is no text',
      { op: 'open', version: 1, specs: [spec], options: { variables: { a: 1 } } },
    ],
    [
      'a connection that is none',
      { op: 'open', version: 1, specs: [spec], options: { connections: [7] } },
    ],
  ])('answers a message with %s, and goes on', async (_what, message) => {
    const { ask, open, hear } = visitor((event, say) => say(success(event)));
    await open();
    expect(await hear(message)).toMatchObject({ error: { name: 'bad_request' } });
    await ask('trigger');
    expect(await ask('play')).toMatchObject({ ok: { result: { state: 'success' } } });
  });

  test('names what is wrong with a DAG', async () => {
    const cyclic = { ...spec, tasks: [{ ...spec.tasks[0], upstreamTaskIds: ['a'] }] } as JsonObject;
    const { ask } = visitor(() => undefined);
    const answer = await ask('open', { version: PROTOCOL_VERSION, specs: [cyclic] });
    expect(answer).toMatchObject({ error: { name: 'bad_dag' } });
  });

  test('opens no other simulation in the middle of a play', async () => {
    const performed = Promise.withResolvers<() => void>();
    const { ask, open } = visitor((event, say) => {
      const end = () => say(success(event));
      if ((event['lease'] as JsonObject)['taskId'] === 'a') performed.resolve(end);
      else end();
    });
    await open();
    await ask('trigger');
    const playing = ask('play');
    const end = await performed.promise;
    expect(await open()).toMatchObject({ error: { name: 'bad_request' } });
    end();
    expect(await playing).toMatchObject({ ok: { now_ms: 0 } });
  });
});

test('a line is one JSON object', () => {
  expect(objectOf('{"op":"open"}')).toEqual({ op: 'open' });
  for (const line of ['[1]', 'null', '{', 'open'])
    expect(() => objectOf(line)).toThrow('JSON object');
});
