// Questions to people: answers that can be given, and tasks that an answer can lead to.
import { HumanInputEffect, type HumanInputSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { readJson } from './check-json.ts';
import { type SchemaUse, schemaProblems } from './check-params.ts';
import { spanCause } from './check-tasks.ts';
import type { Check, DagView } from './dag-view.ts';
import { createDownstreamSearch, type DownstreamSearch } from './downstream.ts';
import { didYouMean } from './nearest.ts';

/** The option that approves. */
const APPROVE = 'Approve';

/** What is wrong with the questions that tasks ask. */
export const checkHumanInput: Check = function* (view) {
  const search = createDownstreamSearch(view);
  const forms: SchemaUse[] = [];
  for (const task of view.dag.tasks) {
    const { humanInput } = task;
    if (humanInput === undefined) continue;
    const causes = [
      ...answerCauses(humanInput),
      ...valueCauses(humanInput),
      ...branchCauses(task, { view, search }),
    ];
    for (const cause of causes) yield view.ofTask(task, `asks people, but ${cause}`);
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

function* answerCauses(question: HumanInputSpec): Iterable<string> {
  const { options, defaults, isMultiple, effect } = question;
  for (const unknown of defaults.filter((each) => !options.includes(each))) {
    yield `the default "${unknown}" is none of its options${didYouMean(unknown, options)}`;
  }
  if (defaults.length > 1 && !isMultiple) {
    yield 'has several defaults where one option may be chosen; set is_multiple, or keep one';
  }
  const isApproval =
    effect === HumanInputEffect.APPROVAL || effect === HumanInputEffect.APPROVAL_OR_FAIL;
  if (!isApproval) return;
  if (!options.includes(APPROVE)) {
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
  { taskId, humanInput }: TaskSpec,
  { view, search }: { readonly view: DagView; readonly search: DownstreamSearch },
): Iterable<string> {
  const { options = [], branches = {}, effect } = humanInput ?? {};
  const named = Object.keys(branches);
  if (effect !== HumanInputEffect.BRANCH) {
    if (named.length > 0) yield 'has branches although it does not branch; set its effect';
    return;
  }
  for (const option of named.filter((each) => !options.includes(each))) {
    yield `has a branch for "${option}", which is none of its options${didYouMean(option, options)}`;
  }
  const below = search(taskId);
  for (const option of options) {
    const target = branches[option] ?? option;
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
