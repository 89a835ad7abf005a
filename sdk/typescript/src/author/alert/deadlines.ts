// By when runs are expected to have succeeded, and what is done when they have not.
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { CallbackEvent, type DeadlineSpecSchema } from '../../gen/dagmesh/dag/v1/alert_pb.ts';
import { type Callback, type CallbackDraft, callbackSpec, requireCallback } from './callbacks.ts';
import { wholeNumber } from '../checks/checks.ts';
import { DagError, declaring } from '../checks/dag-error.ts';
import type { AnyFunction } from '../draft.ts';
import { type Duration, signedDurationMs } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import { type Instant, instantMessage } from '../values/instant.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';

/** From when the time of a deadline counts. */
export type DeadlineReference =
  /** The run's logical date; runs without one have no deadline. */
  | 'logicalDate'
  /** When the run was queued; counted anew when it is cleared. */
  | 'queuedAt'
  /** An instant. */
  | { readonly fixed: Instant }
  /**
   * The average duration of the latest successful runs (10 by default), after the run was queued;
   * no deadline while there are fewer than `minRuns` (by default `maxRuns`).
   */
  | { readonly averageRuntime: { readonly maxRuns?: number; readonly minRuns?: number } };

/** A promise about the runs of a DAG. */
export type DeadlineOptions = {
  /** Unique in the DAG; its place in the list by default. */
  readonly name?: string;
  readonly reference: DeadlineReference;
  /** Added to the reference; may be negative. */
  readonly interval: Duration;
  /** Done once, when the run has not succeeded by then. */
  readonly callback?: Callback;
};

/** A deadline before its callback has a name. */
export type DeadlineDraft = {
  readonly fields: FieldsOf<typeof DeadlineSpecSchema>;
  readonly callback: CallbackDraft | undefined;
};

const DEADLINE_SHAPES: Shapes<DeadlineOptions> = {
  name: 'text',
  reference: 'any!',
  interval: 'span!',
  callback: 'any',
};
const AVERAGE_SHAPES: Shapes<{ readonly maxRuns?: number; readonly minRuns?: number }> = {
  maxRuns: 'number',
  minRuns: 'number',
};
const DEADLINES_MAX = 20;

/** The deadlines of a DAG. Throws a DagError that names the one at fault. */
export function deadlineDrafts(deadlines: readonly DeadlineOptions[]): DeadlineDraft[] {
  if (deadlines.length > DEADLINES_MAX) {
    throw new DagError(`${deadlines.length} deadlines are too many; ${DEADLINES_MAX} are allowed`);
  }
  return deadlines.map((deadline, index) => {
    requireShapes(`deadlines[${index}]`, deadline, DEADLINE_SHAPES);
    const { name = '', reference, interval, callback } = deadline;
    if (callback !== undefined) requireCallback(`the callback of deadlines[${index}]`, callback);
    return {
      fields: declaring(`deadlines[${index}]`, () => ({
        name,
        reference: referenceOf(reference),
        interval: durationFromMs(signedDurationMs(interval)),
      })),
      // Its event is ignored, but a callback has one.
      callback: callback === undefined ? undefined : { event: CallbackEvent.FAILURE, callback },
    };
  });
}

/** The contract's form, once it is known under which names functions are found. */
export function deadlineSpec(
  { fields, callback }: DeadlineDraft,
  handlerOf: (named: AnyFunction) => string,
): FieldsOf<typeof DeadlineSpecSchema> {
  if (callback === undefined) return fields;
  return { ...fields, callback: callbackSpec(callback, handlerOf) };
}

function referenceOf(
  reference: DeadlineReference,
): FieldsOf<typeof DeadlineSpecSchema>['reference'] & {} {
  if (reference === 'logicalDate') return { case: 'logicalDate', value: {} };
  if (reference === 'queuedAt') return { case: 'queuedAt', value: {} };
  const isObject = typeof reference === 'object' && reference !== null;
  if (isObject && 'fixed' in reference)
    return { case: 'fixed', value: instantMessage(reference.fixed) };
  if (!isObject || !('averageRuntime' in reference)) {
    throw new DagError(
      'the reference is logicalDate, queuedAt, { fixed } or { averageRuntime }; this is none',
    );
  }
  requireShapes('averageRuntime', reference.averageRuntime, AVERAGE_SHAPES);
  const { maxRuns = 0, minRuns = 0 } = reference.averageRuntime;
  const runsMax = wholeNumber('maxRuns', maxRuns, { min: 0, max: 1_000 });
  const runsMin = wholeNumber('minRuns', minRuns, { min: 0, max: 1_000 });
  return { case: 'averageRuntime', value: { runsMax, runsMin } };
}
