// DAGs made from plans: each plan of the file beside this one is a DAG, whose tasks end as the
// run's params say.
import { readFileSync } from 'node:fs';
import {
  branch,
  dag,
  type DagBuilder,
  FailTask,
  shortCircuit,
  SkipTask,
  type Task,
  type TaskContext,
  type TaskOptions,
} from '@dagmesh/sdk';
import type { Ending, Plan, Source, TaskPlan } from '../../oracle/plan.ts';

/** Plans by DAG id, in a JSON file of the same name. */
const plans: Readonly<Record<string, Plan>> = JSON.parse(
  readFileSync(import.meta.filename.replace(/\.ts$/, '.json'), 'utf8'),
);

for (const [dagId, plan] of Object.entries(plans)) {
  const options = {
    failFast: plan.fail_fast ?? false,
    maxActiveTasks: 1_000,
    params: { endings: {} },
    defaultArgs: { retryDelay: '0.1s' },
  } as const;
  dag(dagId, options, (d) => declare(d, plan));
}

type Made = Map<string, Task>;

function declare(d: DagBuilder, plan: Plan): void {
  const made: Made = new Map();
  declareIn(d, plan, undefined, made);
  for (const [taskId, { after = [] }] of Object.entries(plan.tasks)) {
    for (const id of after) made.get(taskId)?.upstream(taskNamed(made, id));
  }
}

/** The tasks of a group, and the groups in it, in the order of the plan. */
function declareIn(d: DagBuilder, plan: Plan, group: string | undefined, made: Made): void {
  const begun = new Set<string>();
  for (const [taskId, task] of Object.entries(plan.tasks)) {
    const inner = groupBelow(plan, task.group, group);
    if (inner === 'elsewhere') continue;
    if (inner === undefined) {
      made.set(taskId, declareTask(d, taskId, task, made));
    } else if (!begun.has(inner)) {
      begun.add(inner);
      const over = plan.groups?.[inner]?.over;
      const options = { prefixGroupId: false };
      const fill = (g: DagBuilder) => declareIn(g, plan, inner, made);
      if (over === undefined) d.group(inner, options, fill);
      else d.group(inner, { ...options, expand: elementsOf(over, made) }, fill);
    }
  }
}

/** The group directly in `outer` that leads to `own`; undefined when that is `outer` itself. */
function groupBelow(plan: Plan, own: string | undefined, outer: string | undefined) {
  if (own === outer) return undefined;
  for (let at = own; at !== undefined; at = plan.groups?.[at]?.in) {
    if (plan.groups?.[at]?.in === outer) return at;
  }
  return 'elsewhere';
}

function declareTask(d: DagBuilder, taskId: string, plan: TaskPlan, made: Made): Task {
  const options: TaskOptions = {
    retries: plan.retries ?? 0,
    ...(plan.rule === undefined || plan.teardown === true ? {} : { triggerRule: plan.rule }),
  };
  const task = bareTask(d, taskId, { plan, options, made });
  if (plan.setup === true) task.asSetup();
  if (plan.teardown === true) task.asTeardown({ onFailureFailDagrun: plan.decisive ?? false });
  return task;
}

function bareTask(
  d: DagBuilder,
  taskId: string,
  { plan, options, made }: { plan: TaskPlan; options: TaskOptions; made: Made },
): Task {
  if (plan.empty === true) return d.emptyTask(taskId, options);
  if (plan.over === undefined) return d.task(taskId, options, perform);
  return d.partial(taskId, options, perform).expand(elementsOf(plan.over, made));
}

function elementsOf(over: readonly Source[], made: Made) {
  const lists = over.map((source, at) => [`a${at}`, elements(source, made)] as const);
  return Object.fromEntries(lists);
}

function elements(source: Source, made: Made) {
  if (typeof source === 'number') return Array.from({ length: source }, (_, at) => at);
  return (taskNamed(made, source) as Task<readonly number[]>).output;
}

function taskNamed(made: Made, taskId: string): Task {
  const task = made.get(taskId);
  if (task === undefined) throw new Error(`no task "${taskId}" comes before`);
  return task;
}

/** Ends as the params say for this task, instance and try. */
async function perform(ctx: TaskContext): Promise<unknown> {
  const { taskId, mapIndex, tryNumber } = ctx;
  const all = ctx.params['endings'] as Readonly<Record<string, readonly Ending[]>>;
  const own = all[`${taskId}[${mapIndex}]`] ?? all[taskId] ?? [];
  const at = own.length > 0 && all[`${taskId}[${mapIndex}]`] === undefined ? mapIndex + 1 : 0;
  const ending = own[(at * 3 + tryNumber - 1) % Math.max(own.length, 1)] ?? { as: 'success' };
  if (ending.as === 'failed') throw new Error('as planned');
  if (ending.as === 'fatal') throw new FailTask('as planned');
  if (ending.as === 'skipped') throw new SkipTask('as planned');
  if (ending.branch !== undefined) return branch(() => ending.branch)(ctx);
  if (ending.circuit !== undefined) {
    const ignoreDownstreamTriggerRules = ending.circuit === 'all';
    return shortCircuit(() => false, { ignoreDownstreamTriggerRules })(ctx);
  }
  if (ending.returns === undefined) return undefined;
  return Array.from({ length: ending.returns }, (_, element) => element);
}
