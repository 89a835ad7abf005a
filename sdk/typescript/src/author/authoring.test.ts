// DAG files in, DagSpecs out: through plain Node, so that lines are the author's own.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const READ = fileURLToPath(new URL('./fixtures/read.ts', import.meta.url));

type Answer = {
  readonly dags: readonly {
    readonly dagId: string;
    readonly tasks: readonly { sourceLine: number }[];
  }[];
  readonly error?: { readonly message: string; readonly line: number };
};

function read(file: string): Answer {
  return JSON.parse(execFileSync(process.execPath, [READ, file], { encoding: 'utf8' }));
}

/** The line of a fixture on which a text stands, from 1. */
function lineOf(file: string, text: string): number {
  const source = readFileSync(new URL(`./fixtures/${file}`, import.meta.url), 'utf8');
  return source.split('\n').findIndex((line) => line.includes(text)) + 1;
}

test('a DAG file becomes the spec that its author means', () => {
  const golden = JSON.parse(
    readFileSync(new URL('./fixtures/weather.json', import.meta.url), 'utf8'),
  );
  const [spec] = read('weather.ts').dags;
  const tasks = spec?.tasks.map(({ sourceLine: _, ...task }) => task);
  expect({ ...spec, tasks }).toEqual(golden);
});

test('every task knows the line it is declared on', () => {
  const lines = read('weather.ts').dags[0]?.tasks.map(({ sourceLine }) => sourceLine);
  const declarations = [
    "d.task('extract'",
    "d.task<Row>('validate'",
    'const load = d.task(',
    'd.task(report',
    "d.task('sweep'",
    "d.emptyTask('end'",
  ];
  expect(lines).toEqual(declarations.map((text) => lineOf('weather.ts', text)));
});

test('DAGs made by a factory belong to the file that calls it, its own stay with it', () => {
  const { dags } = read('factory.ts');
  expect(dags.map(({ dagId, tasks }) => [dagId, tasks[0]?.sourceLine])).toEqual([
    ['first', lineOf('factory.ts', "dagOf('first')")],
    ['second', lineOf('factory.ts', "dagOf('second')")],
  ]);
  expect(read('factory/dag-of.ts').dags.map(({ dagId }) => dagId)).toEqual(['of_the_library']);
});

test('a task id that is taken is refused where it is taken again', () => {
  const { error } = read('twice.ts');
  expect(error).toEqual({
    line: 7,
    message:
      'twice.ts:7: DAG "twice" already has a task "load" (declared at twice.ts:5); ' +
      'give this one another id',
  });
});

test('tasks that wait for each other in a circle are named in order', () => {
  const { error } = read('circle.ts');
  expect(error?.message).toMatch(
    /^circle\.ts:\d: the tasks of DAG "circle" wait for each other in a circle: [abc] → /,
  );
});
