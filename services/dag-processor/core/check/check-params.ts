// The params of a DAG: each with a schema that is one, and a default that fits it.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { ParamSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { checkBounded, TookTooLong } from '#kernel/contract/bounded-check.ts';
import { readJson, UNSAFE_KEYS } from './check-json.ts';
import type { Check } from './dag-view.ts';
import type { Problem } from '../reading/import-error.ts';

/** CPU time that some schemas may take together to be compiled and to judge their defaults. */
const SCHEMAS_CPU_MS_MAX = 2_000;

/** What is wrong with the params. */
export const checkParams: Check = ({ dag, ofDag }) => {
  const problems: Problem[] = [];
  const names = new Set<string>();
  const blame = ({ name }: ParamSpec, cause: string): Problem => ({
    line: ofDag('', name).line,
    cause: `param "${name}" ${cause}`,
  });
  for (const param of dag.params) {
    const { name } = param;
    if (names.has(name)) problems.push(blame(param, 'is declared twice; rename one'));
    if (UNSAFE_KEYS.has(name)) problems.push(blame(param, 'has a reserved name; rename it'));
    if (param.defaultJson === '' && dag.timetable !== undefined) {
      const cause = 'has no default, so scheduled runs have no value for it; give it one';
      problems.push(blame(param, cause));
    }
    names.add(name);
  }
  if (problems.length > 0) return problems;
  return schemaProblems(
    dag.params.map((param) => ({ ...param, blame: (cause) => blame(param, cause) })),
  );
};

/** A schema and what it has to fit. */
export type SchemaUse = {
  /** Empty means that anything fits. */
  readonly schemaJson: string;
  /** Empty means that there is none. */
  readonly defaultJson: string;
  /** Names the place; `cause` continues after its name. */
  readonly blame: (cause: string) => Problem;
};

/**
 * What is wrong with schemas and their defaults. A schema may hold a pattern that takes for ever on
 * its own default. Nothing of the author's is executed: ajv builds the checks.
 */
export function schemaProblems(uses: readonly SchemaUse[]): readonly Problem[] {
  let [current] = uses;
  if (current === undefined) return [];
  let problems: Problem[] = [];
  const checkAll = () => {
    problems = [];
    const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false });
    ajvFormats.default(ajv);
    for (const use of uses) {
      current = use;
      const cause = schemaCause(ajv, use);
      if (cause !== undefined) problems.push(use.blame(cause));
    }
  };
  try {
    checkBounded(SCHEMAS_CPU_MS_MAX, checkAll);
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    const cause = `takes longer than ${SCHEMAS_CPU_MS_MAX} ms to check against its schema; simplify its pattern`;
    problems.push(current.blame(cause));
  }
  return problems;
}

function schemaCause(
  ajv: Ajv2020,
  { schemaJson, defaultJson }: Omit<SchemaUse, 'blame'>,
): string | undefined {
  const initial = defaultJson === '' ? undefined : readJson(defaultJson);
  if (initial?.kind === 'bad') return `has a default that ${initial.cause}`;
  if (schemaJson === '') return undefined;
  const schema = readJson(schemaJson);
  if (schema.kind === 'bad') return `has a schema that ${schema.cause}`;
  if (!isSchema(schema.value)) return 'has a schema that is neither an object nor true or false';
  try {
    const fits = ajv.compile(schema.value);
    // Its verdict would come later, and a refusal as a rejection that ends the whole program.
    if ('$async' in fits) {
      return 'has a schema that is checked in the background, which nobody waits for; remove "$async"';
    }
    if (initial === undefined || fits(initial.value)) return undefined;
    return `has the default ${defaultJson}, which its schema refuses: ${reasonOf(fits.errors)}`;
  } catch (error) {
    return `has a schema that is no JSON Schema: ${error instanceof Error ? error.message : error}`;
  }
}

function isSchema(value: unknown): value is object | boolean {
  if (typeof value === 'boolean') return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reasonOf(errors: readonly ErrorObject[] | null | undefined): string {
  const [first] = errors ?? [];
  return `${first?.instancePath ?? ''} ${first?.message ?? 'it does not fit'}`.trim();
}
