// The dates of a task: in which runs it has its part, by their logical dates.
import { describe, expect, it } from 'vitest';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { instanceOf } from '../../services/scheduler/core/instance.ts';
import { nameOfState } from '../../services/scheduler/core/state.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';
import { specOf } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  readonly start: string | null;
  readonly end: string | null;
  readonly logical_date: string | null;
  readonly state: 'queued' | 'skipped';
};

describe.each(tablesOf<Row>('task-dates'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ start, end, logical_date, state }) => {
    const spec = specOf('d', { tasks: { a: {} } });
    for (const task of spec.tasks) {
      if (start !== null) task.startDate = toTimestamp(Date.parse(start));
      if (end !== null) task.endDate = toTimestamp(Date.parse(end));
    }
    const simulation = createSimulation([spec], { startMs: Date.UTC(2026, 0, 10) });
    const logicalDateMs = logical_date === null ? undefined : Date.parse(logical_date);
    const run = simulation.trigger('d', logicalDateMs === undefined ? {} : { logicalDateMs });
    expect(nameOfState(instanceOf(run, 'a')?.state ?? 0)).toBe(state);
  });
});
