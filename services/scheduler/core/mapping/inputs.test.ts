// What the instances of a mapped task get: what was written, as it was written.
import { describe, expect, test } from 'vitest';
import { createSimulation, type DagInit } from '../../simulator/simulation.ts';
import { NEW_YEAR_MS } from '../../testing/picture-world.ts';
import { inputsOf } from './inputs.ts';

type TaskInit = NonNullable<DagInit['tasks']>[number];

/** The literal that each instance of a task gets as its first argument. */
function literalsOf(spec: Partial<DagInit>): readonly (string | undefined)[] {
  const simulation = createSimulation([{ dagId: 'd', ...spec } as DagInit], {
    startMs: NEW_YEAR_MS,
  });
  const [node] = simulation.trigger('d').nodes;
  return (node?.instances ?? []).map((instance) => {
    const [input] = inputsOf(instance).inputs;
    const found = input?.value?.kind;
    return found?.case === 'valueJson' ? found.value : undefined;
  });
}

function overJson(valueJson: string): Partial<DagInit> {
  const source = { kind: { case: 'valueJson', value: valueJson } } as const;
  const value = { arguments: [{ name: 'x', source }] };
  const mapping: TaskInit['mapping'] = { kind: { case: 'product', value } };
  return { tasks: [{ taskId: 'each', mapping }] };
}

describe('an element', () => {
  test('keeps all its digits', () => {
    const json = '[12345678901234567890, 1.0]';
    expect(literalsOf(overJson(json))).toEqual(['12345678901234567890', '1.0']);
  });

  test('has the place that it was written in, whatever its key looks like', () => {
    const json = '{"b": 1, "10": 2, "9": 3.0}';
    expect(literalsOf(overJson(json))).toEqual(['["b",1]', '["10",2]', '["9",3.0]']);
  });
});

test('an argument of a group is a field of its element, and nothing that all objects have', () => {
  const kwargs = { kind: { case: 'valueJson', value: '[{"size": 1.0}]' } } as const;
  const taskGroups: DagInit['taskGroups'] = [
    { groupId: 'g', mapping: { kind: { case: 'kwargs', value: kwargs } } },
  ];
  const argumentNamed = (name: string): Partial<DagInit> => {
    const source = { case: 'groupArgument', value: { groupId: 'g', name } } as const;
    const inputs = [{ name: 'x', source }];
    return { taskGroups, tasks: [{ taskId: 'g.t', taskGroupId: 'g', inputs }] };
  };
  expect(literalsOf(argumentNamed('size'))).toEqual(['1.0']);
  expect(literalsOf(argumentNamed('toString'))).toEqual(['null']);
});
