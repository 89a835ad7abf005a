// Questions to people: answers to choose from, a form to fill in, and what follows from it.
import {
  HumanInputEffect,
  type HumanInputSpecSchema,
} from '../../gen/dagmesh/dag/v1/waiting_pb.ts';
import type { JsonObject } from '../../json.ts';
import { DagError, declaring } from '../checks/dag-error.ts';
import { type Duration, positiveDuration } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import { jsonOf } from '../values/json-text.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';

/** A question. */
export type Question = {
  /** What it is about, in a line. */
  readonly subject: string;
  /** Markdown. */
  readonly body?: string;
  /** Answers to choose from; `['OK']` by default, for a form alone. */
  readonly options?: readonly string[];
  /** What is chosen when time runs out; without it the task fails then. */
  readonly defaults?: readonly string[];
  /** Whether more than one option may be chosen; false by default. */
  readonly isMultiple?: boolean;
  /** JSON Schema of an object that is filled in beside the choice. */
  readonly form?: JsonObject;
  /** What the form begins with. */
  readonly formDefaults?: JsonObject;
  /** Who may answer; every user who may change runs by default. */
  readonly assignedUsers?: readonly string[];
  /** How long to wait; for ever by default. */
  readonly timeout?: Duration;
};

/** A question whose answer is yes or no. */
export type Approval = Omit<Question, 'options' | 'isMultiple'> & {
  /** True: a rejection fails the task. False (default): it skips everything downstream. */
  readonly failOnReject?: boolean;
};

/** A question whose answer names the way on. */
export type BranchQuestion = Question & {
  readonly options: readonly string[];
  /** Ids of tasks or groups by option; options that are not named are ids themselves. */
  readonly branches?: { readonly [option: string]: string };
};

const QUESTION_SHAPES: Shapes<Question> = {
  subject: 'text!',
  body: 'text',
  options: 'texts',
  defaults: 'texts',
  isMultiple: 'flag',
  form: 'object',
  formDefaults: 'object',
  assignedUsers: 'texts',
  timeout: 'span',
};

/** The question in the contract's form. Throws a DagError that names what cannot be asked. */
export function questionSpec(question: Question): FieldsOf<typeof HumanInputSpecSchema> {
  requireShapes('the question', question, QUESTION_SHAPES);
  const { subject, options = ['OK'], defaults = [], isMultiple = false } = question;
  if (subject === '') throw new DagError('a question has a subject; say what it is about');
  if (options.length === 0) throw new DagError('a question has at least one option');
  const twin = options.find((option, index) => options.indexOf(option) !== index);
  if (twin !== undefined) throw new DagError(`the option "${twin}" is there twice; remove one`);
  const unknown = defaults.find((option) => !options.includes(option));
  if (unknown !== undefined) {
    throw new DagError(`the default "${unknown}" is none of the options ${options.join(', ')}`);
  }
  if (defaults.length > 1 && !isMultiple) {
    throw new DagError('there are several defaults where one option may be chosen; keep one');
  }
  const timeout = positiveDuration('timeout', question.timeout);
  return {
    subject,
    body: question.body ?? '',
    options: [...options],
    defaults: [...defaults],
    isMultiple,
    paramsSchemaJson: jsonOption('form', question.form),
    paramsJson: jsonOption('formDefaults', question.formDefaults),
    assignedUsers: [...(question.assignedUsers ?? [])],
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/** A question with the options `Approve` and `Reject`. */
export function approvalSpec({
  failOnReject = false,
  ...approval
}: Approval): FieldsOf<typeof HumanInputSpecSchema> {
  const effect = failOnReject ? HumanInputEffect.APPROVAL_OR_FAIL : HumanInputEffect.APPROVAL;
  return { ...questionSpec({ ...approval, options: ['Approve', 'Reject'] }), effect };
}

/** A question whose chosen options are followed. */
export function branchQuestionSpec({
  branches = {},
  ...question
}: BranchQuestion): FieldsOf<typeof HumanInputSpecSchema> {
  const unknown = Object.keys(branches).find((option) => !question.options.includes(option));
  if (unknown !== undefined) {
    throw new DagError(`there is a branch for "${unknown}", which is none of the options`);
  }
  const effect = HumanInputEffect.BRANCH;
  return { ...questionSpec(question), branches: { ...branches }, effect };
}

function jsonOption(option: string, value: JsonObject | undefined): string {
  return value === undefined ? '' : declaring(option, () => jsonOf(value, option));
}
