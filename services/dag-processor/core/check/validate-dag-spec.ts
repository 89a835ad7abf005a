// The authoritative check of what a DAG file declares, whatever language it is written in.
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { checkAssets } from './check-assets.ts';
import { checkCallbacks } from './check-callbacks.ts';
import { checkContract } from './check-contract.ts';
import { checkGraph } from './check-graph.ts';
import { checkGroups } from './check-groups.ts';
import { checkHumanInput } from './check-human-input.ts';
import { checkLimits } from './check-limits.ts';
import { checkMapping } from './check-mapping.ts';
import { checkParams } from './check-params.ts';
import { checkSchedule } from './check-schedule.ts';
import { checkTasks, isReservedId } from './check-tasks.ts';
import { checkTriggerRules } from './check-trigger-rules.ts';
import { checkTriggers } from './check-triggers.ts';
import { type DagSource, lineOfName } from '../file/dag-source.ts';
import { type Check, type DagLimits, viewDag } from './dag-view.ts';
import { fillDefaults } from '../defaults/fill-defaults.ts';
import { type Problem, PROBLEMS_MAX } from '../reading/import-error.ts';

/** Whether a file's DAGs can be used. */
export type Verdict =
  | {
      readonly kind: 'valid';
      /** With every default filled in. */
      readonly dags: readonly DagSpec[];
    }
  | {
      readonly kind: 'invalid';
      /** At least one, in the order in which an author would mend them. */
      readonly problems: readonly Problem[];
    };

/** What an operator may change. */
export const DEFAULT_LIMITS: DagLimits = { mappedInstancesMax: 100_000 };

/** In the order in which an author would mend what breaks them. */
const CHECKS: readonly Check[] = [
  checkSchedule,
  checkParams,
  checkAssets,
  checkLimits,
  checkCallbacks,
  checkGroups,
  checkTasks,
  checkTriggers,
  checkMapping,
  checkGraph,
  checkTriggerRules,
  checkHumanInput,
];

/** Problems of one DAG that are looked for: more than are told, but not without end. */
const FOUND_MAX = 5 * PROBLEMS_MAX;

/**
 * Judges all DAGs of a file together: one that is wrong keeps the others of its file back, never
 * those of other files.
 */
export function validateDagFile(
  specs: readonly DagSpec[],
  source: DagSource,
  limits = DEFAULT_LIMITS,
): Verdict {
  const verdicts = specs.map((spec) => validateDagSpec(spec, source, limits));
  const problems = [
    ...checkIds(specs, source),
    ...verdicts.flatMap((verdict, at) => {
      if (verdict.kind === 'valid') return [];
      const dagId = specs[at]?.dagId ?? '';
      return specs.length === 1 ? verdict.problems : withDag(verdict.problems, dagId);
    }),
  ];
  if (problems.length > 0) return { kind: 'invalid', problems };
  const dags = verdicts.flatMap((verdict) => (verdict.kind === 'valid' ? verdict.dags : []));
  return { kind: 'valid', dags };
}

/** Several DAGs of a file may have tasks of one name. */
function withDag(problems: readonly Problem[], dagId: string): readonly Problem[] {
  const named = `DAG "${dagId}"`;
  return problems.map(({ line, cause }) => {
    return { line, cause: cause.includes(named) ? cause : `in ${named}: ${cause}` };
  });
}

/** Judges one DAG. `source` is only read to name lines; it may be empty. */
export function validateDagSpec(
  spec: DagSpec,
  source: DagSource,
  limits = DEFAULT_LIMITS,
): Verdict {
  const dag = fillDefaults(spec);
  const brokenContract = checkContract(dag, source);
  if (brokenContract.length > 0) return { kind: 'invalid', problems: brokenContract };
  const view = viewDag(dag, source, limits);
  const problems: Problem[] = [];
  for (const check of CHECKS) {
    for (const problem of check(view)) {
      if (problems.push(problem) >= FOUND_MAX) return { kind: 'invalid', problems };
    }
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'valid', dags: [dag] };
}

function checkIds(specs: readonly DagSpec[], source: DagSource): Problem[] {
  const problems: Problem[] = [];
  const known = new Set<string>();
  for (const { dagId } of specs) {
    if (known.has(dagId)) {
      const line = lineOfName(source, dagId, 2) ?? lineOfName(source, dagId);
      problems.push({ line, cause: `there are two DAGs with the id "${dagId}"; rename one` });
    }
    if (isReservedId(dagId)) {
      problems.push({
        line: lineOfName(source, dagId),
        cause: `"${dagId}" is a reserved id; rename the DAG`,
      });
    }
    known.add(dagId);
  }
  return problems;
}
