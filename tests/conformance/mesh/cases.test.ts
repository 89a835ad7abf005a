// The sample that is run on the mesh: nothing in it depends on who ends first, and there is
// something of everything in it.
import { expect, it } from 'vitest';
import { RULES, ruleOf } from '../oracle/plan.ts';
import { randomCases, tableCases } from './cases.ts';

it('rows whose end depends on which of two tasks ends first are left out', () => {
  const names = tableCases(['setup-teardown']).map(({ name }) => name);
  expect(names).not.toContain('one fails, one is skipped: none succeeded');
  expect(names).toContain('one of two setups fails: the teardown of both runs');
});

it('rows in which a run that has ended is cleared or marked are in it', () => {
  const words = tableCases(['clear', 'mark']).flatMap(({ commands }) => commands);
  expect(new Set(words.map(([word]) => word))).toEqual(new Set(['clear', 'mark', 'mark run']));
});

it('two hundred random DAGs have every rule, kind of task, ending and state', () => {
  const sample = randomCases(200, 20_260_101);
  const plans = sample.map(({ plan }) => plan);
  const tasks = plans.flatMap((plan) => Object.values(plan.tasks));
  const groups = plans.flatMap((plan) => Object.values(plan.groups ?? {}));
  const endings = sample.flatMap((each) => Object.values(each.endings).flat());
  expect(new Set(tasks.map(ruleOf))).toEqual(new Set(RULES));
  const found = {
    setups: tasks.some(({ setup }) => setup),
    decisiveTeardowns: tasks.some(({ decisive }) => decisive),
    tasksWithoutCode: tasks.some(({ empty }) => empty),
    retries: tasks.some(({ retries = 0 }) => retries > 1),
    mappedOverLiterals: tasks.some(({ over }) =>
      over?.some((source) => typeof source === 'number'),
    ),
    mappedOverTasks: tasks.some(({ over }) => over?.some((source) => typeof source === 'string')),
    crossProducts: tasks.some(({ over = [] }) => over.length > 1),
    mappedGroups: groups.some(({ over }) => over !== undefined),
    nestedGroups: groups.some((group) => group.in !== undefined),
    failFast: plans.some((plan) => plan.fail_fast),
    branches: endings.some(({ branch = [] }) => branch.length > 0),
    shortCircuits: endings.some(({ circuit }) => circuit !== undefined),
  };
  expect(Object.entries(found).filter(([, isFound]) => !isFound)).toEqual([]);
  expect(new Set(endings.map((ending) => ending.as))).toEqual(
    new Set(['success', 'failed', 'fatal', 'skipped']),
  );
  const ends = sample.flatMap(({ end }) => [...Object.values(end.states), end.run]);
  expect(new Set(ends)).toEqual(new Set(['success', 'failed', 'skipped', 'upstream_failed']));
}, 120_000);
