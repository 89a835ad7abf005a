// The examples are documentation, so each must be what it says: readable, and a DAG.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { collectDags } from '@dagmesh/sdk';
import { expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../../../dags/examples/', import.meta.url));
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));

test.each(files)('%s declares DAGs that nothing starts unasked', async (file) => {
  const module: Record<string, unknown> = await import(`${FOLDER}${file}`);
  const specs = collectDags(module, { file: `examples/${file}` });
  expect(specs.length).toBeGreaterThan(0);
  for (const { dagId, tasks, timetable, isPausedUponCreation } of specs) {
    expect(dagId).toMatch(/^typescript_/);
    expect(tasks.length).toBeGreaterThan(0);
    expect(timetable === undefined || isPausedUponCreation).toBe(true);
    for (const { handler } of tasks) expect(handler).toMatch(/^($|examples\/)/);
  }
});
