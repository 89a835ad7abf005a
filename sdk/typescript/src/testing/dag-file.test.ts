// The DAGs of a file, for tests that stand beside it.
import { expect, test } from 'vitest';
import { dagsIn } from './index.ts';

const fixture = (name: string) => new URL(`../author/fixtures/${name}`, import.meta.url);
const idsIn = async (name: string) => (await dagsIn(fixture(name))).map(({ dagId }) => dagId);

test('files that are read at the same time are each given their own DAGs', async () => {
  const [unnamed, weather] = await Promise.all([idsIn('unexported.ts'), idsIn('weather.ts')]);
  expect(unnamed).toEqual(['unexported']);
  expect(weather).toEqual(['seattle_weather_daily']);
});

test('a file without a DAG is told apart from one with some', async () => {
  await expect(dagsIn(fixture('../values/fields.ts'))).rejects.toThrow('there is no DAG in');
});
