// The sample that is run on the mesh: nothing in it depends on who ends first.
import { expect, it } from 'vitest';
import { tableCases } from './cases.ts';

it('rows whose end depends on which of two tasks ends first are left out', () => {
  const names = tableCases(['setup-teardown']).map(({ name }) => name);
  expect(names).not.toContain('one fails, one is skipped: none succeeded');
  expect(names).toContain('one of two setups fails: the teardown of both runs');
});
