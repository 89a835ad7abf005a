// Which elements each instance of a mapped task gets, as a worker sees them.
import { create, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { AttemptEnd, AttemptLeaseSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { InputTransform } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Attempt } from '../../services/scheduler/core/attempt/attempt.ts';
import { leaseOf } from '../../services/scheduler/rpc/attempts/lease.ts';
import { argumentsOf } from '../../services/scheduler/simulator/task/arguments.ts';
import { createMemory, type Memory } from '../../services/scheduler/simulator/ledger/memory.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  /** A MappingSpec as JSON. */
  readonly mapping: JsonValue;
  /** How many elements the tasks return; those of `u` are "u[0]", "u[1]", … */
  readonly lengths: Readonly<Record<string, number>>;
  /** The arguments of each instance; `f(…)` stands for what a function makes of an element. */
  readonly elements: readonly JsonValue[];
};

describe.each(tablesOf<Row>('expansion-decode'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ mapping, lengths, elements }) => {
    const sources = Object.keys(lengths);
    const task = { handler: 'f', queue: 'q', pool: 'default_pool', pool_slots: 1 };
    const spec = fromJson(DagSpecSchema, {
      dag_id: 'd',
      tasks: [
        ...sources.map((task_id) => ({ task_id, ...task })),
        { task_id: 'm', upstream_task_ids: sources, mapping, ...task },
      ],
    });
    const simulation = createSimulation([spec], { startMs: 0 });
    const run = simulation.trigger('d');
    const first = sources.length === 0 ? [] : simulation.lease(sources.length);
    for (const attempt of first) {
      const { taskId } = attempt.instance.task;
      const length = lengths[taskId];
      if (length === undefined) continue;
      const value = Array.from({ length }, (_, at) => `${taskId}[${at}]`);
      const xcoms = [{ key: 'return_value', valueJson: JSON.stringify(value) }];
      simulation.report(attempt, { end: AttemptEnd.SUCCESS, mapLength: length, xcoms });
    }
    const memory = createMemory(simulation.commits);
    const mapped: Attempt[] = [];
    for (let more = simulation.lease(9); more.length > 0; more = simulation.lease(9)) {
      mapped.push(...more);
      for (const attempt of more) simulation.report(attempt, { end: AttemptEnd.SUCCESS });
    }
    const inOrder = mapped.toSorted((a, b) => a.instance.mapIndex - b.instance.mapIndex);
    expect(inOrder.map((attempt) => argumentsSeen(attempt, memory))).toEqual(elements);
    expect(run.unfinishedCount).toBe(0);
  });
});

function argumentsSeen(attempt: Attempt, memory: Memory): unknown {
  const lease = create(AttemptLeaseSchema, leaseOf(attempt, 1_000));
  const found = argumentsOf(lease, { run: attempt.instance.run, memory });
  if (found.kind === 'problem') return found.message;
  const seen = JSON.parse(found.inputsJson) as Record<string, unknown>;
  for (const transform of lease.lease?.inputTransforms ?? []) {
    const { name } = transform;
    seen[name] = changed(seen[name], transform, transform.path);
  }
  return seen;
}

function changed(value: unknown, { handlers }: InputTransform, path: readonly number[]): unknown {
  const [place, ...rest] = path;
  if (place === undefined) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return handlers.reduce((inner, handler) => `${handler}(${inner})`, text);
  }
  if (!Array.isArray(value)) return value;
  return value.map((each, at) =>
    at === place ? changed(each, { handlers } as InputTransform, rest) : each,
  );
}
