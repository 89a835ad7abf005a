// What people do to runs: clearing and marking, with what they choose.
import { startOver } from './events.ts';
import { counterpartsOf } from './relevant.ts';
import {
  all,
  type Instance,
  isFinal,
  isHeld,
  type OracleRun,
  settle,
  type State,
  takeAway,
} from './run.ts';
import { above, below, far, groupsOf, levelsOf, sharedDepth, taskIn } from './shape.ts';

/** What is chosen of a run: tasks, groups, or single instances, with their relatives. */
export type Choice = {
  /** `task`, `group` or `task[index]`. */
  readonly ids: readonly string[];
  readonly upstream: boolean;
  readonly downstream: boolean;
  /** What failed or could not run for a failure, of all that is meant. */
  readonly onlyFailed?: boolean;
  /** True: setups and teardowns of what is chosen are chosen, too. */
  readonly withScope: boolean;
};

/** The instances that are meant. */
export function choose(run: OracleRun, choice: Choice): readonly Instance[] {
  const named = choice.ids.flatMap((id) => namedBy(run, id));
  const chosen = new Set(named);
  if (choice.upstream) for (const each of relativesOf(run, named, above)) chosen.add(each);
  if (choice.downstream) for (const each of relativesOf(run, named, below)) chosen.add(each);
  if (choice.withScope) for (const each of scopeAround(run, chosen)) chosen.add(each);
  const meant = all(run).filter((each) => chosen.has(each));
  return choice.onlyFailed === true ? meant.filter(hasFailed) : meant;
}

/** They start over; those that workers have do when these have let go. */
export function clear(run: OracleRun, instances: readonly Instance[]): void {
  for (const instance of instances) {
    instance.triesMax = instance.triesCount + (taskIn(run.plan, instance.task).retries ?? 0);
    instance.lossesCount = 0;
    if (isHeld(instance)) instance.state = 'restarting';
    else startOver(instance);
  }
  run.isSetToFailed = false;
  goOn(run);
}

/**
 * Sets states by hand. What failed in the tasks further down, as whole tasks, starts over so that
 * the run goes on, also when nothing had to be set; what was marked along stays.
 */
export function mark(
  run: OracleRun,
  instances: readonly Instance[],
  state: 'success' | 'failed' | 'skipped',
): void {
  const changed = instances.filter((instance) => instance.state !== state);
  for (const instance of changed) takeAway(instance, state);
  const marked = new Set(instances);
  const tasks = new Set(instances.flatMap(({ task }) => [...far(run.plan, task, below)]));
  const failed = all(run).filter(
    (each) => tasks.has(each.task) && !marked.has(each) && hasFailed(each),
  );
  if (failed.length > 0) clear(run, failed);
  else if (changed.length > 0) goOn(run);
}

/** Ends a run by hand; teardowns that have not run yet run first. */
export function markRun(run: OracleRun, state: 'success' | 'failed'): void {
  for (const each of all(run)) {
    const isTeardown = taskIn(run.plan, each.task).teardown === true;
    if (state === 'success' && (!isTeardown || isFinal(each.state))) takeAway(each, 'success');
    if (state === 'failed' && !isTeardown && !isFinal(each.state)) {
      takeAway(each, UNDER_WAY.has(each.state) ? 'failed' : 'skipped');
    }
  }
  const isToRun = all(run).some((each) => !isFinal(each.state));
  run.isSetToFailed = isToRun && state === 'failed';
  if (isToRun) return goOn(run);
  Object.assign(run, { state, reason: state === 'failed' ? 'set' : '' });
  settle(run);
}

const UNDER_WAY = new Set<State>(['running', 'deferred', 'up_for_reschedule', 'awaiting_input']);

/** A run that had ended runs again. */
function goOn(run: OracleRun): void {
  if (run.state !== 'running') {
    Object.assign(run, { state: 'running', reason: '', beganMs: run.dag.nowMs });
  }
  settle(run);
}

function hasFailed({ state }: Instance): boolean {
  return state === 'failed' || state === 'upstream_failed';
}

/** An index means nothing to a task that is not mapped. */
function namedBy({ instances, plan }: OracleRun, id: string): readonly Instance[] {
  const [, taskId = id, index] = /^(.*)\[(\d+)\]$/.exec(id) ?? [];
  const tasks = Object.keys(plan.tasks).filter(
    (task) => task === taskId || groupsOf(plan, task).includes(taskId),
  );
  return tasks.flatMap((task) => {
    const isMeant = (each: Instance) => index === undefined || each.index === Number(index);
    const isMapped = levelsOf(plan, task).length > 0;
    return (instances.get(task) ?? []).filter((each) => !isMapped || isMeant(each));
  });
}

/** All that can be reached, in groups that both are in by counterpart. */
function relativesOf(
  run: OracleRun,
  from: readonly Instance[],
  next: typeof above,
): ReadonlySet<Instance> {
  const found = new Set<Instance>();
  const visit = (instance: Instance): void => {
    for (const id of next(run.plan, instance.task)) {
      const isSingle = run.sizes.has(instance.task) && run.sizes.has(id);
      const isApart = !isSingle || sharedDepth(run.plan, instance.task, id) === 0;
      const all = run.instances.get(id) ?? [];
      for (const each of isApart ? all : counterpartsOf(run, instance, id)) {
        if (found.has(each)) continue;
        found.add(each);
        visit(each);
      }
    }
  };
  for (const instance of from) visit(instance);
  return found;
}

/** As whole tasks: the setups that work is in the scope of, and their teardowns. */
function scopeAround(run: OracleRun, chosen: ReadonlySet<Instance>): readonly Instance[] {
  const { plan } = run;
  const isTeardown = (id: string) => taskIn(plan, id).teardown === true;
  const teardownsOf = (setup: string) => below(plan, setup).filter(isTeardown);
  const around = (task: string): readonly string[] => {
    if (isTeardown(task)) return [];
    if (taskIn(plan, task).setup === true) return teardownsOf(task);
    const later = far(plan, task, below);
    const setups = [...far(plan, task, above)].filter((id) => {
      if (taskIn(plan, id).setup !== true) return false;
      const teardowns = teardownsOf(id);
      return teardowns.length === 0 || teardowns.some((each) => later.has(each));
    });
    return setups.flatMap((id) => [id, ...teardownsOf(id)]);
  };
  const tasks = new Set([...chosen].flatMap(({ task }) => around(task)));
  return [...tasks].flatMap((id) => run.instances.get(id) ?? []);
}
