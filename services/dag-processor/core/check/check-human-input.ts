// Questions to people: answers that can be given, and tasks that an answer can lead to.
import { HumanInputEffect, type HumanInputSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { readJson } from './check-json.ts';
import { type SchemaUse, schemaProblems } from './check-params.ts';
import { spanCause } from './check-tasks.ts';
import type { Check, DagView } from './dag-view.ts';
import { createDownstreamSearch, type DownstreamSearch } from './downstream.ts';
import { didYouMean } from '../nearest.ts';

/** The option that approves. */
const APPROVE = 'Approve';

/** What is wrong with the questions that tasks ask. */
export const checkHumanInput: Check = function* (view) {
  const search = createDownstreamSearch(view);
  const forms: SchemaUse[] = [];
  for (const task of view.dag.tasks) {
    const { humanInput } = task;
    if (humanInput === undefined) continue;
    for (const cause of questionCauses(task, humanInput, { view, search })) {
      yield view.ofTask(task, `asks people, but ${cause}`);
    }
    const late = spanCause('a question with the timeout', humanInput.timeout, 'positive');
    if (late !== undefined) yield view.ofTask(task, late);
    forms.push({
      schemaJson: humanInput.paramsSchemaJson,
      defaultJson: '',
      blame: (cause) => view.ofTask(task, `asks people, but its form ${cause}`),
    });
  }
  yield* schemaProblems(forms);
};

type Surroundings = { readonly view: DagView; readonly search: DownstreamSearch };

function* questionCauses(task: TaskSpec, question: HumanInputSpec, around: Surroundings) {
  yield* answerCauses(question);
  yield* valueCauses(question);
  yield* branchCauses(task.taskId, question, around);
}

function* answerCauses(question: HumanInputSpec): Iterable<string> {
  const { defaults, isMultiple, effect } = question;
  const options = new Set(question.options);
  for (const unknown of defaults.filter((each) => !options.has(each))) {
    yield `the default "${unknown}" is none of its options${didYouMean(unknown, options)}`;
  }
  if (defaults.length > 1 && !isMultiple) {
    yield 'has several defaults where one option may be chosen; set is_multiple, or keep one';
  }
  const isApproval =
    effect === HumanInputEffect.APPROVAL || effect === HumanInputEffect.APPROVAL_OR_FAIL;
  if (!isApproval) return;
  if (!options.has(APPROVE)) {
    yield `none of its options is "${APPROVE}", which an approval needs; add it`;
  }
  if (isMultiple) yield 'an approval has one answer; remove is_multiple';
}

function* valueCauses({ paramsJson }: HumanInputSpec): Iterable<string> {
  const filled = paramsJson === '' ? undefined : readJson(paramsJson);
  if (filled?.kind === 'bad') yield `what its form is filled in with ${filled.cause}`;
  else if (filled !== undefined && !isRecord(filled.value)) {
    yield 'what its form is filled in with is no object; give values by name';
  }
}

function* branchCauses(
  taskId: string,
  question: HumanInputSpec,
  { view, search }: Surroundings,
): Iterable<string> {
  const options = new Set(question.options);
  const branches = new Map(Object.entries(question.branches));
  if (question.effect !== HumanInputEffect.BRANCH) {
    if (branches.size > 0) yield 'has branches although it does not branch; set its effect';
    return;
  }
  for (const option of branches.keys()) {
    if (options.has(option)) continue;
    yield `has a branch for "${option}", which is none of its options${didYouMean(option, options)}`;
  }
  const below = search(taskId);
  for (const option of options) {
    const target = branches.get(option) ?? option;
    const said = `its option "${option}" leads to "${target}"`;
    if (!view.tasks.has(target) && !view.groups.has(target)) {
      const hint = didYouMean(target, [...view.tasks.keys(), ...view.groups.keys()]);
      yield `${said}, which is no task or group of this DAG${hint}`;
    } else if (below !== undefined && !below.has(target)) {
      yield `${said}, which is not downstream of it; add the edge`;
    }
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
