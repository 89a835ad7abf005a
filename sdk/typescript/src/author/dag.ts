// Declaring a DAG: `dag(id, options, (d) => { … })`, with `d.task` for its nodes.
import { requireId } from './add-task.ts';
import { noteAsset } from './asset.ts';
import { assetsOfSchedule } from './schedule/asset-schedule.ts';
import { builderOf } from './build.ts';
import type { DagBuilder } from './builder.ts';
import { callSites } from './checks/call-site.ts';
import { callbackDrafts, functionsOf } from './alert/callbacks.ts';
import { dagFields } from './option/dag-fields.ts';
import { DagError } from './checks/dag-error.ts';
import { deadlineDrafts } from './alert/deadlines.ts';
import { type DagDraft, nameFunction } from './draft.ts';
import { requireLegal } from './graph/legality.ts';
import { DAG_SHAPES, TASK_SHAPES } from './option/option-shapes.ts';
import type { DagOptions } from './option/options.ts';
import { requireShapes } from './checks/shapes.ts';

/** A declared DAG; export it, or just declare it while the file is imported. */
export type Dag = { readonly dagId: string; readonly taskIds: readonly string[] };

/** Adds the tasks of a DAG. */
type Declare = (d: DagBuilder) => void;

const DRAFTS = new WeakMap<Dag, DagDraft>();
const declared: Dag[] = [];

/**
 * Declares a DAG. `declare` is called at once and adds the tasks. Throws a DagError that names the
 * author's line when an id is bad or taken, an input is no JSON, or the edges make a cycle.
 */
export function dag(dagId: string, options: DagOptions, declare: Declare): Dag;
export function dag(dagId: string, declare: Declare): Dag;
export function dag(dagId: string, second: DagOptions | Declare, third?: Declare): Dag {
  const [options, declare] = typeof second === 'function' ? [{}, second] : [second, third];
  requireId('DAG', dagId);
  if (declare === undefined) throw new DagError(`DAG "${dagId}" needs a function`);
  const draft = draftFor(dagId, options);
  declare(builderOf({ dag: draft, group: undefined }));
  draft.isClosed = true;
  requireLegal(draft);
  const made: Dag = Object.freeze({ dagId, taskIds: [...draft.tasks.keys()] });
  DRAFTS.set(made, draft);
  declared.push(made);
  return made;
}

/** The draft behind a DAG. */
export function draftOfDag(made: Dag): DagDraft {
  const draft = DRAFTS.get(made);
  if (draft === undefined) throw new DagError(`${String(made)} was not made by dag()`);
  return draft;
}

/** Whether a value (an export of a DAG file, say) is a DAG. */
export function isDag(value: unknown): value is Dag {
  return typeof value === 'object' && value !== null && DRAFTS.has(value as Dag);
}

/** The DAGs declared since the last call, in order. */
export function takeDeclared(): readonly Dag[] {
  return declared.splice(0);
}

function draftFor(dagId: string, options: DagOptions): DagDraft {
  requireShapes(`DAG "${dagId}"`, options, DAG_SHAPES);
  const { deadlines = [], defaultArgs = {} } = options;
  requireShapes(`defaultArgs of DAG "${dagId}"`, defaultArgs, TASK_SHAPES);
  const draft: DagDraft = {
    dagId,
    defaultArgs,
    fields: dagFields(dagId, options),
    callbacks: callbackDrafts(options),
    deadlines: deadlineDrafts(deadlines),
    tasks: new Map(),
    groups: new Map(),
    edgeLabels: [],
    functions: new Map(),
    assets: new Map(),
    sites: callSites(),
    isClosed: false,
  };
  const ofDeadlines = draft.deadlines.flatMap(({ callback }) => callback ?? []);
  for (const named of functionsOf([...draft.callbacks, ...ofDeadlines])) {
    nameFunction(draft, 'callback', named);
  }
  for (const named of assetsOfSchedule(options.schedule)) noteAsset(draft.assets, named);
  return draft;
}
