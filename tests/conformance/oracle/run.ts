// A run by brute force: after each event everything is looked at again, level by level, until
// nothing changes. Written from the documented semantics; it shares no line with the scheduler.
import { expand, lengthOf, reviseLength, sizesOf } from './lengths.ts';
import { isPastMet } from './past.ts';
import { type Final, type Plan, ruleOf, type TaskPlan } from './plan.ts';
import { counterpartsOf, relevantOf } from './relevant.ts';
import { type Counts, outcomeOf, type Outcome, rule } from './rules.ts';
import { above, leavesOf, levelsOf, scopeOf, sharedDepth, sourcesOf, taskIn } from './shape.ts';

/** Final, or: nothing yet, waiting for a worker, on a worker, or for what its name says. */
export type State =
  | Final
  | 'none'
  | 'ready'
  | 'running'
  | 'restarting'
  | 'up_for_retry'
  | 'up_for_reschedule'
  | 'deferred'
  | 'awaiting_input';

export type Instance = {
  readonly task: string;
  /** −1 when it is not mapped, or not expanded yet. */
  index: number;
  state: State;
  triesCount: number;
  /** The last try after whose failure there is another one. */
  triesMax: number;
  lossesCount: number;
  /** True from its first wait to the end of the try: going on counts as no new one. */
  isMidTry: boolean;
  /** Until when its try may go on, in milliseconds; undefined when for as long as it likes. */
  deadlineMs: number | undefined;
  /** When it is ended on its worker, which should have done that; undefined when never. */
  overstaysMs: number | undefined;
  /** True when it went off its worker to look again later, false when to be called back. */
  looksAgain: boolean;
  /** When it goes on by itself, in milliseconds; undefined when it does not. */
  dueMs: number | undefined;
  /** Another number for each stay on a worker: a report about an earlier one counts for nothing. */
  stay: number;
  returned: number | undefined;
  /** Tasks directly downstream that it decided to skip. */
  skips: ReadonlySet<string>;
};

/** All runs of a DAG, and what time it is. */
export type OracleDag = { readonly plan: Plan; readonly runs: OracleRun[]; nowMs: number };

export type OracleRun = {
  readonly dag: OracleDag;
  readonly plan: Plan;
  /** Runs are ordered by it. */
  readonly day: number;
  readonly isManual: boolean;
  /** By task, in the order of map indexes. */
  readonly instances: Map<string, Instance[]>;
  /** By task that is expanded: how many there are of each mapping around it, outermost first. */
  readonly sizes: Map<string, readonly number[]>;
  state: 'running' | 'success' | 'failed';
  reason: string;
  beganMs: number;
  /** Somebody set it to failed while teardowns had yet to run. */
  isSetToFailed: boolean;
};

/** A run that has just begun. */
export function beginRun(
  plan: Plan,
  {
    dag = { plan, runs: [], nowMs: 0 },
    day = 0,
    isManual = false,
  }: { readonly dag?: OracleDag; readonly day?: number; readonly isManual?: boolean } = {},
): OracleRun {
  const run: OracleRun = {
    ...{ dag, plan, day, isManual, instances: new Map(), sizes: new Map() },
    ...{ state: 'running', reason: '', beganMs: dag.nowMs, isSetToFailed: false },
  };
  for (const task of Object.keys(plan.tasks)) run.instances.set(task, [fresh(plan, task, -1)]);
  for (const task of run.instances.keys()) {
    const isMapped = levelsOf(plan, task).length > 0;
    const sizes = isMapped && sourcesOf(plan, task).size === 0 ? sizesOf(run, task) : undefined;
    if (sizes !== undefined && lengthOf(sizes) > 0) expand(run, task, sizes);
  }
  dag.runs.push(run);
  settle(run);
  return run;
}

export function find(run: OracleRun, task: string, index: number): Instance | undefined {
  return run.instances.get(task)?.find((each) => each.index === index);
}

export function all(run: OracleRun): readonly Instance[] {
  return [...run.instances.values()].flat();
}

const FINAL = new Set<State>(['success', 'failed', 'skipped', 'upstream_failed', 'removed']);

export function isFinal(state: State): state is Final {
  return FINAL.has(state);
}

/** True while a worker has it. */
export function isHeld({ state }: Instance): boolean {
  return state === 'running' || state === 'restarting';
}

/** From outside: a worker that has it does so no longer. */
export function takeAway(instance: Instance, state: Instance['state']): void {
  if (isHeld(instance)) instance.lossesCount = 0;
  conclude(instance, state);
  instance.stay += 1;
}

/** Whatever it was at is over. */
export function conclude(instance: Instance, state: Instance['state']): void {
  instance.state = state;
  instance.dueMs = undefined;
  instance.isMidTry = false;
}

export function fresh(plan: Plan, task: string, index: number): Instance {
  return {
    ...{ task, index, state: 'none', triesCount: 0, triesMax: taskIn(plan, task).retries ?? 0 },
    ...{ lossesCount: 0, isMidTry: false, dueMs: undefined, stay: 0 },
    ...{ deadlineMs: undefined, overstaysMs: undefined, looksAgain: false },
    ...{ returned: undefined, skips: new Set<string>() },
  };
}

/** Levels until nothing changes, in this run and in those that look at it. */
export function settle(run: OracleRun): void {
  settleOne(run);
  while (run.dag.runs.some(settleOne));
}

/** What a level decides is seen by the next one only. Answers whether anything has changed. */
function settleOne(run: OracleRun): boolean {
  if (run.state !== 'running') return false;
  let hasChanged = false;
  while (decideLevel(run)) hasChanged = true;
  return endIfOver(run) || hasChanged;
}

/** A run is given up only when none of what has not finished looks back or has a limit. */
function endIfOver(run: OracleRun): boolean {
  const rest = all(run).filter(({ state }) => state !== 'removed');
  if (rest.some(({ state }) => !isFinal(state) && state !== 'none')) return false;
  const waiting = rest.filter(({ state }) => state === 'none');
  const isSpared = ({ past, limited }: TaskPlan) => past !== undefined || limited === true;
  if (waiting.some(({ task }) => isSpared(taskIn(run.plan, task)))) return false;
  const reason = waiting.length > 0 ? 'all_tasks_deadlocked' : failureOf(run, rest);
  run.state = reason === '' ? 'success' : 'failed';
  run.reason = reason;
  run.isSetToFailed = false;
  return true;
}

function failureOf(run: OracleRun, rest: readonly Instance[]): string {
  if (run.isSetToFailed) return 'set';
  const leaves = leavesOf(run.plan);
  const hasFailed = rest.some(({ task, state }) => {
    // Failing fast skips the leaves: the failure that brought it about counts all the same.
    const isCause = run.plan.fail_fast === true && taskIn(run.plan, task).teardown !== true;
    if (isCause && state === 'failed') return true;
    return leaves.includes(task) && (state === 'failed' || state === 'upstream_failed');
  });
  return hasFailed ? 'task_failure' : '';
}

function decideLevel(run: OracleRun): boolean {
  const open = all(run).filter(({ state }) => state === 'none');
  const decided = new Map<Instance, Outcome>();
  let hasExpanded = false;
  // Grows while it is walked: new instances are looked at in the same level.
  for (const instance of open) {
    if (decided.has(instance)) continue;
    const outcome = judge(run, instance);
    if (outcome !== 'run' || levelsOf(run.plan, instance.task).length === 0) {
      if (outcome !== 'wait') decided.set(instance, outcome);
      continue;
    }
    const { made, decisions } = reviseLength(run, instance);
    for (const [each, decision] of decisions) decided.set(each, decision);
    open.push(...made);
    hasExpanded ||= made.length > 0;
  }
  let hasDecided = false;
  for (const [instance, outcome] of decided) {
    if (outcome === 'wait') continue;
    hasDecided = true;
    if (outcome === 'run') begin(run, instance);
    else takeAway(instance, outcome);
  }
  return hasDecided || hasExpanded;
}

/** Its dependencies are met. */
function begin({ dag, plan }: OracleRun, instance: Instance): void {
  const { empty, waits, waits_s, timeout_s } = taskIn(plan, instance.task);
  if (empty === true) instance.state = 'success';
  else if (waits === undefined) instance.state = 'ready';
  else {
    instance.state = waits === 'event' ? 'deferred' : 'awaiting_input';
    instance.triesCount += 1;
    instance.dueMs = soonest(dag.nowMs, waits_s, timeout_s);
  }
}

/** When the first of some spans in seconds is over; undefined when there is none. */
export function soonest(nowMs: number, ...spansS: readonly (number | undefined)[]) {
  const known = spansS.filter((span) => span !== undefined);
  return known.length === 0 ? undefined : nowMs + Math.min(...known) * 1_000;
}

function judge(run: OracleRun, instance: Instance): Outcome {
  const { plan } = run;
  const states = [...sourcesOf(plan, instance.task)].flatMap((id) =>
    (run.instances.get(id) ?? []).map(({ state }) => state),
  );
  const early = instance.index < 0 ? judgeSources(states) : undefined;
  const outcome = early ?? judgeRules(run, instance);
  // Until all that it maps over is there, a rule may end it, but not let it run.
  if (outcome === 'run' && !states.every(isFinal)) return 'wait';
  const { patient } = taskIn(plan, instance.task);
  if (outcome !== 'run' && (outcome !== 'skipped' || patient !== true)) return outcome;
  return isPastMet(run, instance.task) ? outcome : 'wait';
}

/** What the tasks say whose results tell how often one not expanded yet is run. */
function judgeSources(states: readonly State[]): Outcome | undefined {
  if (states.some((each) => each === 'failed' || each === 'upstream_failed')) {
    return 'upstream_failed';
  }
  if (states.includes('skipped')) return 'skipped';
  return states.includes('removed') ? 'wait' : undefined;
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
