// The params of a DAG: each with a schema that is one, and a default that fits it.
import { runInNewContext } from 'node:vm';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { DagSpec, ParamSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { readJson, UNSAFE_KEYS } from './check-json.ts';
import { type DagSource, lineOfName } from './dag-source.ts';
import type { Problem } from './import-error.ts';

/** How long the schemas of one DAG may take to be compiled and to judge their defaults. */
const SCHEMAS_TIME_MAX_MS = 2_000;

/** What is wrong with the params. */
export function checkParams(dag: DagSpec, source: DagSource): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  const blame = (param: ParamSpec, cause: string) => {
    problems.push({
      line: lineOfName(source, param.name) ?? lineOfName(source, dag.dagId),
      cause: `param "${param.name}" ${cause}`,
    });
  };
  for (const param of dag.params) {
    if (names.has(param.name)) blame(param, 'is declared twice; rename one');
    if (UNSAFE_KEYS.has(param.name)) blame(param, 'has a reserved name; rename it');
    if (param.defaultJson === '' && dag.timetable !== undefined) {
      blame(param, 'has no default, so scheduled runs have no value for it; give it one');
    }
    names.add(param.name);
  }
  if (problems.length === 0) checkSchemas(dag.params, blame);
  return problems;
}

type Blame = (param: ParamSpec, cause: string) => void;

// A schema may hold a pattern that takes for ever on its own default; the stopwatch of node:vm can
// interrupt even that. Nothing of the author's is executed: ajv builds the checks, and the
// sandbox's one line only calls us.
function checkSchemas(params: readonly ParamSpec[], blame: Blame): void {
  const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false });
  ajvFormats.default(ajv);
  // The first schema also compiles the schema of schemas, which is none of the author's time.
  ajv.compile(true);
  let current = params[0];
  const checkAll = () => {
    for (const param of params) {
      current = param;
      const cause = checkParam(ajv, param);
      if (cause !== undefined) blame(param, cause);
    }
  };
  try {
    runInNewContext('checkAll()', { checkAll }, { timeout: SCHEMAS_TIME_MAX_MS });
  } catch (error) {
    if (!isTimeout(error) || current === undefined) throw error;
    blame(
      current,
      `takes longer than ${SCHEMAS_TIME_MAX_MS} ms to check against its schema; simplify its pattern`,
    );
  }
}

function checkParam(ajv: Ajv2020, param: ParamSpec): string | undefined {
  const initial = param.defaultJson === '' ? undefined : readJson(param.defaultJson);
  if (initial?.kind === 'bad') return `has a default that ${initial.cause}`;
  if (param.schemaJson === '') return undefined;
  const schema = readJson(param.schemaJson);
  if (schema.kind === 'bad') return `has a schema that ${schema.cause}`;
  if (!isSchema(schema.value)) return 'has a schema that is neither an object nor true or false';
  try {
    const fits = ajv.compile(schema.value);
    if (initial === undefined || fits(initial.value)) return undefined;
    return `has the default ${param.defaultJson}, which its schema refuses: ${reasonOf(fits.errors)}`;
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

function isTimeout(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
