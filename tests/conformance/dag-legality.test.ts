// Which DAGs are legal: every row of the table is judged as a file's DAG would be.
import { readdirSync, readFileSync } from 'node:fs';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { validateDagSpec } from '../../services/dag-processor/core/check/validate-dag-spec.ts';

type Fragment = { readonly [field: string]: JsonValue };

type Row = {
  readonly name: string;
  /** A DagSpec as JSON; its id, and handlers of tasks that are of no other kind, are left out. */
  readonly dag: Fragment & { readonly tasks: readonly Fragment[] };
  /** Part of what the author is told; null for a DAG that is legal. */
  readonly error: string | null;
};

type Table = { readonly title: string; readonly rows: readonly Row[] };

const CASES = new URL('cases/', import.meta.url);
const KINDS = ['handler', 'is_empty', 'is_latest_only', 'human_input', 'trigger'];

const tables = readdirSync(CASES)
  .filter((name) => /^dag-legality.*\.json$/.test(name))
  .map((name): Table => JSON.parse(readFileSync(new URL(name, CASES), 'utf8')));

describe.each(tables)('$title', ({ rows }) => {
  it.each(rows.filter(({ error }) => error !== null))('$name', ({ dag, error }) => {
    expect(problemsOf(dag)).toContain(error);
  });

  it.each(rows.filter(({ error }) => error === null))('$name', ({ dag }) => {
    expect(problemsOf(dag)).toBe('');
  });
});

function problemsOf(dag: Row['dag']): string {
  const tasks = dag.tasks.map((task) =>
    KINDS.some((kind) => kind in task) ? task : { handler: 'm.py:f', ...task },
  );
  const spec = fromJson(DagSpecSchema, { dag_id: 'legal', ...dag, tasks });
  const verdict = validateDagSpec(spec, { path: 'legal.yaml', text: '' });
  if (verdict.kind === 'valid') return '';
  return verdict.problems.map(({ cause }) => cause).join('\n');
}
