// Dynamic mapping: a task for each file, however many there are today.
import { dag, SkipTask, type TaskContext } from '@dagmesh/sdk';

type Size = { readonly name: string; readonly size: number; readonly unit: string };

/** Runs on the worker of the mapped task; skipping skips that one instance. */
function onlyCsv(name: string): string {
  if (!name.endsWith('.csv')) throw new SkipTask(`${name} has no rows`);
  return name;
}

dag('typescript_mapping', { tags: ['example'] }, (d) => {
  const files = d.task('list_files', () => ['a.csv', 'b.csv', 'notes.txt']);
  const sizes = d
    .partial(
      'scale',
      {
        inputs: { unit: 'bytes' },
        mapIndexTemplate: '{{ name }} by {{ factor }}',
        maxActiveTisPerDagrun: 2,
      },
      ({ inputs }: TaskContext<{ name: string; factor: number; unit: string }>): Size => ({
        name: inputs.name,
        size: inputs.name.length * inputs.factor,
        unit: inputs.unit,
      }),
    )
    .expand({ name: files.output.map(onlyCsv), factor: [1, 10] });
  d.task('total', { triggerRule: 'none_failed', inputs: { sizes: sizes.output } }, ({ inputs }) =>
    inputs.sizes.reduce((sum, { size }) => sum + size, 0),
  );
});
