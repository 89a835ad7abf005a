// A whole run by brute force: after each event everything is looked at again, level by level, until
// nothing changes. Written from the documented semantics; it shares no line with the scheduler.
import type { Ending, Final, Plan } from './plan.ts';
import { ruleOf } from './plan.ts';
import { type Counts, outcomeOf, type Outcome, rule } from './rules.ts';
import { counterpartsOf, relevantOf } from './relevant.ts';
import {
  above,
  below,
  sharedDepth,
  far,
  isMappedOver,
  leavesOf,
  levelsOf,
  rootsNamed,
  scopeOf,
  sourcesOf,
  taskIn,
} from './shape.ts';

/** Not final: nothing yet, waiting for a worker, on a worker, waiting for its next try. */
export type State = Final | 'none' | 'ready' | 'running' | 'up_for_retry';

export type Instance = {
  readonly task: string;
  /** −1 when it is not mapped, or not expanded yet. */
  index: number;
  state: State;
  triesCount: number;
  returned: number | undefined;
  /** Tasks directly downstream that it decided to skip. */
  skips: ReadonlySet<string>;
};

export type OracleRun = {
  readonly plan: Plan;
  /** By task, in the order of map indexes. */
  readonly instances: Map<string, Instance[]>;
  state: 'running' | 'success' | 'failed';
  reason: string;
};

/** A run that has just begun. */
export function beginRun(plan: Plan): OracleRun {
  const instances = new Map(Object.keys(plan.tasks).map((task) => [task, [fresh(task, -1)]]));
  const run: OracleRun = { plan, instances, state: 'running', reason: '' };
  for (const task of instances.keys()) {
    const isMapped = levelsOf(plan, task).length > 0;
    const count = isMapped && sourcesOf(plan, task).size === 0 ? lengthOf(run, task) : 0;
    if (count !== undefined && count > 0) expand(run, task, count);
  }
  settle(run);
  return run;
}

/** A worker began an instance. */
export function startInstance(run: OracleRun, task: string, index: number): void {
  const instance = find(run, task, index);
  if (instance?.state !== 'ready') throw new Error(`${task}[${index}] was started unasked`);
  instance.state = 'running';
  instance.triesCount += 1;
}

/** A try ended; one that was taken away from its worker before changes nothing. */
export function endInstance(run: OracleRun, task: string, index: number, ending: Ending): void {
  const instance = find(run, task, index);
  if (instance?.state !== 'running' || run.state !== 'running') return;
  const isUnmappable =
    ending.returns === undefined &&
    isMappedOver(run.plan, task) &&
    levelsOf(run.plan, task).length === 0;
  if (ending.as === 'success' && !isUnmappable) succeed(run, instance, ending);
  else if (ending.as === 'skipped') instance.state = 'skipped';
  else fail(run, instance, ending.as === 'fatal');
  settle(run);
}

/** The wait before the next try is over: its dependencies are looked at again. */
export function retryInstance(run: OracleRun, task: string, index: number): void {
  const instance = find(run, task, index);
  if (instance?.state !== 'up_for_retry' || run.state !== 'running') return;
  instance.state = 'none';
  settle(run);
}

export function find(run: OracleRun, task: string, index: number): Instance | undefined {
  return run.instances.get(task)?.find((each) => each.index === index);
}

export function all(run: OracleRun): readonly Instance[] {
  return [...run.instances.values()].flat();
}

const OPEN = new Set<State>(['none', 'ready', 'running', 'up_for_retry']);

export function isFinal(state: State): state is Final {
  return !OPEN.has(state);
}

function fresh(task: string, index: number): Instance {
  const nothing = { state: 'none', triesCount: 0, returned: undefined } as const;
  return { task, index, ...nothing, skips: new Set<string>() };
}

function succeed(run: OracleRun, instance: Instance, ending: Ending): void {
  const { plan } = run;
  const { task } = instance;
  instance.state = 'success';
  instance.returned = ending.returns;
  const direct = below(plan, task);
  let skipped: readonly string[] = [];
  if (ending.branch !== undefined) {
    const chosen = new Set(ending.branch.flatMap((id) => rootsNamed(plan, id)));
    for (const id of Array.from(chosen)) for (const each of far(plan, id, below)) chosen.add(each);
    skipped = direct.filter((id) => !chosen.has(id));
  } else if (ending.circuit !== undefined) {
    const reached = ending.circuit === 'all' ? [...far(plan, task, below)] : direct;
    skipped = reached.filter((id) => taskIn(plan, id).teardown !== true);
  }
  instance.skips = new Set(skipped);
  // Instances of a mapped task leave it to the rules.
  if (instance.index >= 0) return;
  for (const each of skipped.flatMap((id) => run.instances.get(id) ?? [])) {
    if (!isFinal(each.state) && each.state !== 'running') each.state = 'skipped';
  }
}

function fail(run: OracleRun, instance: Instance, isFatal: boolean): void {
  const task = taskIn(run.plan, instance.task);
  if (!isFatal && instance.triesCount <= (task.retries ?? 0)) {
    instance.state = 'up_for_retry';
    return;
  }
  instance.state = 'failed';
  if (run.plan.fail_fast !== true || task.teardown === true) return;
  for (const each of all(run)) {
    if (taskIn(run.plan, each.task).teardown === true) continue;
    if (each.state === 'running') each.state = 'failed';
    else if (!isFinal(each.state)) each.state = 'skipped';
  }
}

/** Levels until nothing changes: what a level decides is seen by the next one only. */
function settle(run: OracleRun): void {
  while (decideLevel(run));
  const rest = all(run).filter(({ state }) => state !== 'removed');
  if (rest.some(({ state }) => !isFinal(state) && state !== 'none')) return;
  if (rest.some(({ state }) => state === 'none')) {
    Object.assign(run, { state: 'failed', reason: 'all_tasks_deadlocked' });
    return;
  }
  const leaves = leavesOf(run.plan);
  const hasFailed = rest.some(({ task, state }) => {
    // Failing fast skips the leaves: the failure that brought it about counts all the same.
    const isCause = run.plan.fail_fast === true && taskIn(run.plan, task).teardown !== true;
    if (isCause && state === 'failed') return true;
    return leaves.includes(task) && (state === 'failed' || state === 'upstream_failed');
  });
  run.state = hasFailed ? 'failed' : 'success';
  run.reason = hasFailed ? 'task_failure' : '';
}

function decideLevel(run: OracleRun): boolean {
  const open = all(run).filter(({ state }) => state === 'none');
  const decided: (readonly [Instance, Outcome])[] = [];
  let hasExpanded = false;
  // Grows while it is walked: new instances are looked at in the same level.
  for (const instance of open) {
    const outcome = judge(run, instance);
    if (outcome === 'run' && isUnexpanded(run.plan, instance)) {
      const length = lengthOf(run, instance.task);
      if (length === undefined) decided.push([instance, 'upstream_failed']);
      else if (length < 1) decided.push([instance, 'skipped']);
      else {
        open.push(...expand(run, instance.task, length));
        hasExpanded = true;
      }
    } else if (outcome !== 'wait') decided.push([instance, outcome]);
  }
  for (const [instance, outcome] of decided) {
    const isEmpty = taskIn(run.plan, instance.task).empty === true;
    if (outcome === 'run') instance.state = isEmpty ? 'success' : 'ready';
    else if (outcome !== 'wait') instance.state = outcome;
  }
  return decided.length > 0 || hasExpanded;
}

function judge(run: OracleRun, instance: Instance): Outcome {
  const { plan } = run;
  if (!isUnexpanded(plan, instance)) return judgeRules(run, instance);
  const states = [...sourcesOf(plan, instance.task)].flatMap((id) =>
    (run.instances.get(id) ?? []).map(({ state }) => state),
  );
  if (states.some((each) => each === 'failed' || each === 'upstream_failed')) {
    return 'upstream_failed';
  }
  if (states.includes('skipped')) return 'skipped';
  if (states.includes('removed')) return 'wait';
  const outcome = judgeRules(run, instance);
  // Until all that it maps over is there, a rule may end it, but not let it run.
  return outcome === 'run' && !states.every(isFinal) ? 'wait' : outcome;
}

function judgeRules(run: OracleRun, instance: Instance): Outcome {
  const { plan } = run;
  const { task, index } = instance;
  const setups = outcomeOf(rule('all_success', count(run, instance, scopeOf(plan, task)), index));
  if (setups !== 'run' && setups !== 'wait') return setups;
  const direct = count(run, instance, above(plan, task));
  const own = outcomeOf(rule(ruleOf(taskIn(plan, task)), direct, index));
  if (own === 'upstream_failed' || own === 'removed') return own;
  if (isSkippedByParent(run, instance)) return 'skipped';
  return own === 'run' ? setups : own;
}

function count(run: OracleRun, instance: Instance, tasks: readonly string[]): Counts {
  const seen = tasks.flatMap((id) => relevantOf(run, instance, id));
  const setups = seen.filter(({ task }) => taskIn(run.plan, task).setup === true);
  const of = (list: readonly Instance[], state: State) =>
    list.filter((each) => each.state === state).length;
  return {
    S: of(seen, 'success'),
    K: of(seen, 'skipped'),
    F: of(seen, 'failed'),
    UF: of(seen, 'upstream_failed'),
    R: of(seen, 'removed'),
    U: seen.length,
    S_setup: of(setups, 'success'),
    K_setup: of(setups, 'skipped'),
    U_setup: setups.length,
  };
}

/** A finished parent decided against it. */
function isSkippedByParent(run: OracleRun, instance: Instance): boolean {
  return above(run.plan, instance.task).some((id) => {
    const parent = decidingParent(run, instance, id);
    return parent !== undefined && isFinal(parent.state) && parent.skips.has(instance.task);
  });
}

/** Of a mapped parent the counterpart in a group that both are in, else that of its own index. */
function decidingParent(run: OracleRun, instance: Instance, id: string): Instance | undefined {
  const { plan } = run;
  const depth = sharedDepth(plan, instance.task, id);
  if (depth === 0) return find(run, id, levelsOf(plan, id).length > 0 ? instance.index : -1);
  if (instance.index < 0 || depth < levelsOf(plan, id).length) return undefined;
  return counterpartsOf(run, instance, id)[0];
}

function isUnexpanded(plan: Plan, { task, index }: Instance): boolean {
  return index < 0 && levelsOf(plan, task).length > 0;
}

function expand(run: OracleRun, task: string, length: number): readonly Instance[] {
  const made = Array.from({ length }, (_, index) => fresh(task, index));
  run.instances.set(task, made);
  return made;
}

/** How many instances a task has; undefined while that is not known. */
function lengthOf(run: OracleRun, task: string): number | undefined {
  let length = 1;
  for (const source of levelsOf(run.plan, task).flatMap(({ over }) => over)) {
    const one = typeof source === 'number' ? source : returnedBy(run, source);
    if (one === undefined) return undefined;
    length *= one;
  }
  return length;
}

function returnedBy(run: OracleRun, task: string): number | undefined {
  const instances = run.instances.get(task) ?? [];
  if (levelsOf(run.plan, task).length === 0) return instances[0]?.returned;
  return instances.filter(({ returned }) => returned !== undefined).length;
}
