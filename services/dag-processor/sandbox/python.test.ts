// What is said when Python is missing, and that it is noticed once it is there.
import { expect, test } from 'vitest';
import { createPythonCheck } from './python.ts';

test('a missing Python is told with how to get it, until it is there', async () => {
  let isThere = false;
  let attemptsCount = 0;
  const lackOfPython = createPythonCheck('/opt/python', async () => {
    attemptsCount++;
    return isThere;
  });
  expect(await lackOfPython()).toBe(
    'Python files need Python 3.9 or newer with the packages of sdk/python/requirements.txt, and /opt/python is not that; install them (`python3 -m pip install -r sdk/python/requirements.txt`), or set DAGMESH_PYTHON to a Python that has them, then save the file again',
  );
  isThere = true;
  expect(await lackOfPython()).toBeUndefined();
  expect(await lackOfPython()).toBeUndefined();
  expect(attemptsCount).toBe(2);
});
