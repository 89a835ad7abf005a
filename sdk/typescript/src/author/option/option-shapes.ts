// The shapes of what may be said of DAGs, groups and tasks; options.ts says what each means.
import type { DagOptions, GroupOptions, KeyLimit, TaskOptions, WaitOptions } from './options.ts';
import type { Shapes } from '../checks/shapes.ts';
import type { Inputs } from '../task.ts';

/** Of any task. */
export const TASK_SHAPES: Shapes<TaskOptions> = {
  retries: 'number',
  retryDelay: 'span',
  retryExponentialBackoff: 'any',
  maxRetryDelay: 'span',
  retryRules: 'list',
  executionTimeout: 'span',
  triggerRule: 'text',
  pool: 'text',
  poolSlots: 'number',
  priorityWeight: 'number',
  weightRule: 'text',
  queue: 'text',
  maxActiveTisPerDag: 'number',
  maxActiveTisPerDagrun: 'number',
  limitKeys: 'texts',
  dependsOnPast: 'flag',
  ignoreFirstDependsOnPast: 'flag',
  waitForPastDependsBeforeSkipping: 'flag',
  waitForDownstream: 'flag',
  startDate: 'instant',
  endDate: 'instant',
  sla: 'span',
  inlets: 'list',
  outlets: 'list',
  mapIndexTemplate: 'text',
  multipleOutputs: 'flag',
  doXcomPush: 'flag',
  connections: 'texts',
  displayName: 'text',
  docMd: 'text',
  onExecute: 'any',
  onSuccess: 'any',
  onFailure: 'any',
  onRetry: 'any',
  onSkipped: 'any',
  onSlaMiss: 'any',
};

/** Of a task with code, here or on another queue, or of a template in its place. */
export const CODE_SHAPES: Shapes<
  TaskOptions & { readonly inputs?: Inputs; readonly handler?: string; readonly taskId?: string }
> = { ...TASK_SHAPES, inputs: 'object', handler: 'text', taskId: 'text' };

/** Of a wait without code. */
export const WAIT_SHAPES: Shapes<WaitOptions> = {
  ...TASK_SHAPES,
  timeout: 'span',
  softFail: 'flag',
};

/** Of a group; those of its mapping are checked with it. */
export const GROUP_SHAPES: Shapes<
  GroupOptions & { readonly expand?: unknown; readonly expandKwargs?: unknown }
> = {
  prefixGroupId: 'flag',
  displayName: 'text',
  tooltip: 'text',
  defaultArgs: 'object',
  expand: 'object',
  expandKwargs: 'any',
};

/** Of a limit by key, and of its rate. */
export const KEY_LIMIT_SHAPES: Shapes<KeyLimit> = { maxActive: 'number', rate: 'object' };
export const RATE_SHAPES: Shapes<NonNullable<KeyLimit['rate']>> = {
  count: 'number!',
  period: 'span!',
};

/** Of a DAG. */
export const DAG_SHAPES: Shapes<DagOptions> = {
  description: 'text',
  schedule: 'any',
  startDate: 'instant',
  endDate: 'instant',
  catchup: 'flag',
  maxActiveRuns: 'number',
  maxActiveTasks: 'number',
  dagrunTimeout: 'span',
  failFast: 'flag',
  maxConsecutiveFailedDagRuns: 'number',
  allowedRunTypes: 'texts',
  deadlines: 'list',
  fairShareWeight: 'number',
  keyLimits: 'object',
  followsLatestVersion: 'flag',
  params: 'object',
  tags: 'texts',
  owner: 'text',
  docMd: 'text',
  isPausedUponCreation: 'flag',
  defaultArgs: 'object',
  onSuccess: 'any',
  onFailure: 'any',
  onSlaMiss: 'any',
};
