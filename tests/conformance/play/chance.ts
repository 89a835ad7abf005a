// Plans by chance: raw numbers that shrink well, made into a DAG that an author could have written.
import fc from 'fast-check';
import { type Ending, type GroupPlan, type Plan, RULES, type TaskPlan } from '../oracle/plan.ts';
import { groupsOf, isMappedOver, levelsOf, sourcesOf } from '../oracle/shape.ts';

const TASKS_MAX = 12;
const GROUPS_MAX = 3;

/** A literal list of 0 to 3 elements, or so many tasks back (−1 is the one before). */
const elements = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 5, arbitrary: fc.integer({ min: -TASKS_MAX, max: -1 }) },
);

const rawTask = fc.record({
  /** Steps back to the tasks above. */
  after: fc.array(fc.oneof(fc.nat(2), fc.nat(TASKS_MAX)), { maxLength: 3 }),
  rule: fc.oneof(
    { weight: 5, arbitrary: fc.constant('all_success' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...RULES) },
  ),
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.constant('code' as const) },
    {
      weight: 5,
      arbitrary: fc.constantFrom('empty', 'setup', 'setup', 'teardown', 'teardown', 'decisive'),
    },
  ),
  over: fc.option(fc.array(elements, { minLength: 1, maxLength: 2 }), { nil: null, freq: 3 }),
  retries: fc.oneof(fc.constant(0), fc.nat(2)),
});

const rawGroup = fc.record({
  from: fc.oneof(fc.nat(3), fc.nat(TASKS_MAX - 1)),
  size: fc.integer({ min: 1, max: 8 }),
  over: fc.option(fc.array(elements, { minLength: 1, maxLength: 1 }), { nil: null, freq: 6 }),
});

type RawTask = typeof rawTask extends fc.Arbitrary<infer T> ? T : never;
type RawGroup = typeof rawGroup extends fc.Arbitrary<infer T> ? T : never;

/** A DAG of at most twelve tasks. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    tasks: fc.array(rawTask, { minLength: 1, maxLength: TASKS_MAX }),
    groups: fc.array(rawGroup, { maxLength: GROUPS_MAX }),
    failFast: fc.nat(9).map((n) => n === 0),
  })
  .map(({ tasks, groups, failFast }) => planFrom(tasks, groups, failFast));

const rawLife = fc.record({
  waits: fc.option(fc.constantFrom('event', 'answer', 'approval'), { nil: undefined, freq: 1 }),
  hasDefaults: fc.boolean(),
  isTimed: fc.boolean(),
  past: fc.option(fc.constantFrom('itself', 'downstream'), { nil: undefined, freq: 3 }),
  patient: fc.boolean(),
  limited: fc.nat(9).map((n) => n === 0),
  taskTimeoutS: fc.option(fc.integer({ min: 3, max: 15 }), { nil: undefined, freq: 2 }),
});

/** Tasks may wait without code or look at the run before; the DAG may have a timeout. */
export const anyLongPlan: fc.Arbitrary<Plan> = fc
  .record({
    plan: anyPlan,
    lives: fc.array(rawLife, { minLength: TASKS_MAX, maxLength: TASKS_MAX }),
    catchup: fc.boolean(),
    timeoutS: fc.option(fc.integer({ min: 5, max: 60 }), { nil: undefined, freq: 1 }),
  })
  .map(({ plan, lives, catchup, timeoutS }) => ({
    ...plan,
    catchup,
    // Off the beat of all other times, so that no two things are due in one instant.
    ...(timeoutS === undefined ? {} : { timeout_s: timeoutS + 0.5 }),
    tasks: Object.fromEntries(
      Object.entries(plan.tasks).map(([id, task], at) => [
        id,
        { ...task, ...lifeOf(lives[at], at, task, plan.fail_fast === true) },
      ]),
    ),
  }));

/** Every third of the tasks that could wait without code does. */
function lifeOf(
  life: typeof rawLife extends fc.Arbitrary<infer T> ? T | undefined : never,
  at: number,
  { empty, setup, teardown }: TaskPlan,
  failsFast: boolean,
): Partial<TaskPlan> {
  if (life === undefined) return {};
  const { waits, hasDefaults, isTimed, past, patient, limited, taskTimeoutS } = life;
  const isPlain = empty === undefined && setup === undefined && teardown === undefined;
  return {
    ...(past === undefined ? {} : { past, patient }),
    ...(limited ? { limited } : {}),
    // What overstays at once with others: which is first would matter to one that fails fast.
    ...(taskTimeoutS === undefined || failsFast
      ? {}
      : { timeout_s: taskTimeoutS + 0.125 + at / 100 }),
    ...(waits === undefined || !isPlain || at % 3 !== 0
      ? {}
      : {
          waits,
          ...(isTimed ? { waits_s: 3 + at / 100 } : {}),
          ...(hasDefaults ? { has_defaults: true } : {}),
        }),
  };
}

/** Numbers to decide with, one after the other, over and over. */
export const anyChoices = fc.array(fc.nat(999), { minLength: 4, maxLength: 100, size: 'max' });

/** The ending that a number stands for. */
export function endingFor(plan: Plan, task: string, choice: number): Ending {
  const kind = choice % 100;
  const more = Math.floor(choice / 100);
  if (kind < 16) return { as: 'failed' };
  if (kind < 20) return { as: 'fatal' };
  if (kind < 28) return { as: 'skipped' };
  const isSource = isMappedOver(plan, task);
  if (isSource) return kind < 31 ? { as: 'success' } : { as: 'success', returns: more % 4 };
  if (kind < 34) return { as: 'success', circuit: more % 2 === 0 ? 'all' : 'direct' };
  if (kind >= 44) return { as: 'success' };
  const ids = [...Object.keys(plan.tasks), ...groupsWithTasks(plan)];
  const chosen = [ids[more % ids.length] ?? '', ids[choice % ids.length] ?? ''];
  return { as: 'success', branch: chosen.slice(0, kind % 3) };
}

/** An ending that may be a wait, or none at all; most are as ever. */
export function anyEndingFor(plan: Plan, task: string, choice: number, more: number): Ending {
  const time = more % 3 === 0 ? {} : { for_s: (more % 20) + 0.25 };
  switch (choice % 20) {
    case 0:
      return { as: 'deferred', ...time };
    case 1:
      return { as: 'asking', ...time };
    case 2:
      return { as: 'rescheduled', ...time };
    case 3:
      return { as: more % 2 === 0 ? 'lost' : 'rejected' };
    default:
      return endingFor(plan, task, more);
  }
}

function groupsWithTasks(plan: Plan): readonly string[] {
  return [...new Set(Object.keys(plan.tasks).flatMap((task) => groupsOf(plan, task)))];
}

const idOf = (at: number) => `t${at}`;

function planFrom(tasks: readonly RawTask[], groups: readonly RawGroup[], failFast: boolean): Plan {
  const placed = placeGroups(groups, tasks.length);
  const before = (at: number, over: readonly number[] | null) =>
    over?.flatMap((n) => (n >= 0 ? n : -n <= at ? idOf(at + n) : []));
  const groupPlans = Object.fromEntries(
    placed.map(({ id, parent, from, over }): [string, GroupPlan] => {
      const sources = before(from, over);
      const around = parent === undefined ? {} : { in: parent };
      return [id, sources?.length ? { ...around, over: sources } : around];
    }),
  );
  const plans = new Map<string, TaskPlan>();
  for (const [at, raw] of tasks.entries()) {
    const group = placed.findLast(({ from, to }) => from <= at && at < to);
    const over = before(at, raw.over);
    const after = raw.after.filter((n) => n < at).map((n) => idOf(at - 1 - n));
    plans.set(idOf(at), {
      after: [...new Set(after)],
      ...(group === undefined ? {} : { group: group.id }),
      ...(over?.length ? { over } : {}),
      ...kindOf(raw),
      ...(raw.retries === 0 ? {} : { retries: raw.retries }),
      ...(failFast ? {} : { rule: raw.rule }),
    });
  }
  const plan = { tasks: Object.fromEntries(plans), groups: groupPlans };
  return legal(failFast ? { ...plan, fail_fast: true } : plan);
}

function kindOf({ kind }: RawTask): Partial<TaskPlan> {
  if (kind === 'decisive') return { teardown: true, decisive: true };
  return kind === 'code' ? {} : { [kind]: true };
}

/** Groups are ranges of tasks, one inside the other or apart. */
function placeGroups(groups: readonly RawGroup[], tasksCount: number) {
  const placed: {
    readonly id: string;
    readonly parent: string | undefined;
    readonly from: number;
    readonly to: number;
    readonly over: readonly number[] | null;
  }[] = [];
  for (const { from, size, over } of groups) {
    if (from >= tasksCount) continue;
    const around = placed.findLast((each) => each.from <= from && from < each.to);
    const later = placed.filter((each) => each.from > from).map((each) => each.from);
    const to = Math.min(from + size, around?.to ?? tasksCount, ...later);
    if (to > from) placed.push({ id: `g${placed.length}`, parent: around?.id, from, to, over });
  }
  return placed;
}

/** Without what no author may write, and with the edges that mappings imply. */
function legal(plan: Plan): Plan {
  const ids = Object.keys(plan.tasks);
  const tasks = ids.map((id): [string, TaskPlan] => {
    const { over, rule, ...task } = plan.tasks[id] ?? {};
    const inside = groupsOf(plan, id).filter((group) => plan.groups?.[group]?.over !== undefined);
    // Neither its own group's tasks nor itself can say how often it is run.
    const sources = over?.filter(
      (source) =>
        typeof source === 'number' ||
        !groupsOf(plan, source).some((group) => inside.includes(group)),
    );
    const isMapped = sources !== undefined && sources.length > 0;
    return [id, { ...task, ...(isMapped ? { over: sources } : {}), ...(rule ? { rule } : {}) }];
  });
  return withRules(withEdges({ ...plan, tasks: Object.fromEntries(tasks) }));
}

/** What is mapped over comes before: before a task, and before all tasks of a group. */
function withEdges(plan: Plan): Plan {
  const tasks = Object.entries(plan.tasks).map(([id, task]): [string, TaskPlan] => {
    const after = [...new Set([...(task.after ?? []), ...sourcesOf(plan, id)])];
    return [id, { ...task, after }];
  });
  return { ...plan, tasks: Object.fromEntries(tasks) };
}

function withRules(plan: Plan): Plan {
  const tasks = Object.entries(plan.tasks).map(([id, { rule, ...task }]): [string, TaskPlan] => {
    const isBelowSetup = task.after?.some((above) => plan.tasks[above]?.setup === true) ?? false;
    const isGenerated = levelsOf(plan, id).some(({ over }) =>
      over.some((source) => typeof source === 'string'),
    );
    const isForbidden =
      task.teardown === true ||
      rule === undefined ||
      (isBelowSetup && rule !== 'all_success') ||
      (isGenerated && rule === 'always') ||
      rule === 'all_done_setup_success';
    return [id, isForbidden ? task : { ...task, rule }];
  });
  return { ...plan, tasks: Object.fromEntries(tasks) };
}
