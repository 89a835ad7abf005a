// What a task can wait for off any worker: a moment, an answer over HTTP, a file, another DAG, an
// asset.
import { create } from '@bufbuild/protobuf';
import {
  type ExternalTaskTriggerSchema,
  type TriggerSpec,
  TriggerSpecSchema,
} from '../../gen/dagmesh/dag/v1/waiting_pb.ts';
import { wholeNumber } from '../checks/checks.ts';
import { DagError, declaring } from '../checks/dag-error.ts';
import { type Duration, durationMessage, positiveDuration } from '../values/duration.ts';
import type { FieldsOf } from '../values/fields.ts';
import { type Instant, instantMessage } from '../values/instant.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';

/** Something that happens in the world, made by the functions of `trigger`. */
export type Trigger = { readonly kind: 'trigger'; readonly spec: TriggerSpec };

/** How often it is looked. */
export type Polling = { readonly pollInterval?: Duration };

/** An answer over HTTP that is waited for. */
export type HttpWait = Polling & {
  /** `http` or `https`. */
  readonly url: string;
  /** GET by default. */
  readonly method?: 'GET' | 'POST' | 'HEAD' | 'PUT';
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** The status that is waited for; any from 200 to 299 by default. */
  readonly status?: number;
  /** Text that the answer must contain. */
  readonly contains?: string;
};

/** Files that are waited for. */
export type FileWait = Polling & {
  /** Absolute; `*`, `?` and `**` stand for any names. */
  readonly path: string;
  /** True: waits until nothing matches any more. */
  readonly isGone?: boolean;
};

/** Tasks, or a whole run, of another DAG. By `runId` or by `logicalDates`, not both. */
export type ExternalTaskWait = Polling & {
  readonly dagId: string;
  readonly runId?: string;
  readonly logicalDates?: readonly Instant[];
  /** Without tasks and group: the run as a whole. */
  readonly taskIds?: readonly string[];
  readonly taskGroupId?: string;
  /** States that end the wait well, `success` by default; in lower case. */
  readonly allowedStates?: readonly string[];
  /** States that end it as a failure. */
  readonly failedStates?: readonly string[];
  /** States that end it with a skip. */
  readonly skippedStates?: readonly string[];
};

const HTTP_SHAPES: Shapes<HttpWait> = {
  url: 'text!',
  method: 'text',
  headers: 'object',
  body: 'text',
  status: 'number',
  contains: 'text',
  pollInterval: 'span',
};
const FILE_SHAPES: Shapes<FileWait> = { path: 'text!', isGone: 'flag', pollInterval: 'span' };
const EXTERNAL_SHAPES: Shapes<ExternalTaskWait> = {
  dagId: 'text!',
  runId: 'text',
  logicalDates: 'list',
  taskIds: 'texts',
  taskGroupId: 'text',
  allowedStates: 'texts',
  failedStates: 'texts',
  skippedStates: 'texts',
  pollInterval: 'span',
};

/**
 * Triggers, for `d.wait()`, for `DeferTask` and for the watchers of assets. Each throws a DagError
 * that names what cannot be waited for.
 */
export const trigger = {
  /** An instant. */
  at: (instant: Instant) => made({ case: 'timer', value: { moment: moment('at', instant) } }),
  /** So long after the wait began. */
  after: (span: Duration) =>
    made({ case: 'timer', value: { moment: { case: 'after', value: spanOf('after', span) } } }),
  /** An answer over HTTP; asked every 10 s by default. */
  http: (wait: HttpWait) => made({ case: 'http', value: httpOf(wait) }),
  /** A file that appears or vanishes; looked for every 5 s by default. */
  file: (wait: FileWait) => made({ case: 'file', value: fileOf(wait) }),
  /** Tasks or runs of another DAG; looked at every 2 s by default. */
  externalTask: (wait: ExternalTaskWait) =>
    made({ case: 'externalTask', value: externalTaskOf(wait) }),
  /** An update of an asset after the wait began. */
  asset: (named: string | { readonly name: string }, options: Polling = {}) => {
    requireShapes<Polling>('trigger.asset()', options, { pollInterval: 'span' });
    const { pollInterval } = options;
    const assetName = typeof named === 'string' ? named : named.name;
    if (assetName === '') throw new DagError('an asset is waited for by its name; give one');
    return made({ case: 'asset', value: { assetName, ...polling(pollInterval) } });
  },
} as const;

/** Whether a value is a trigger. */
export function isTrigger(value: unknown): value is Trigger {
  return typeof value === 'object' && value !== null && 'spec' in value && 'kind' in value
    ? value.kind === 'trigger'
    : false;
}

function made(kind: NonNullable<FieldsOf<typeof TriggerSpecSchema>['kind']>): Trigger {
  return { kind: 'trigger', spec: create(TriggerSpecSchema, { kind }) };
}

function moment(option: string, instant: Instant) {
  return { case: 'at' as const, value: declaring(option, () => instantMessage(instant)) };
}

function spanOf(option: string, span: Duration) {
  return declaring(option, () => durationMessage(span));
}

function polling(pollInterval: Duration | undefined) {
  const span = positiveDuration('pollInterval', pollInterval);
  return span === undefined ? {} : { pollInterval: span };
}

function httpOf(options: HttpWait) {
  requireShapes('trigger.http()', options, HTTP_SHAPES);
  const { url, method = 'GET', headers = {}, body = '', ...wait } = options;
  if (!/^https?:\/\//.test(url)) {
    throw new DagError(`url is "${url}"; it must begin with http:// or https://`);
  }
  const status = wholeNumber('status', wait.status ?? 0, { min: 0, max: 599 });
  const { contains = '', pollInterval } = wait;
  return { url, method, headers: { ...headers }, body, status, contains, ...polling(pollInterval) };
}

function fileOf(options: FileWait) {
  requireShapes('trigger.file()', options, FILE_SHAPES);
  const { path, isGone = false, pollInterval } = options;
  if (!path.startsWith('/')) throw new DagError(`path is "${path}"; it must be absolute`);
  return { path, isGone, ...polling(pollInterval) };
}

function externalTaskOf(wait: ExternalTaskWait): FieldsOf<typeof ExternalTaskTriggerSchema> {
  requireShapes('trigger.externalTask()', wait, EXTERNAL_SHAPES);
  const { dagId, runId = '', logicalDates = [], taskIds = [], taskGroupId = '' } = wait;
  if (dagId === '') throw new DagError('another DAG is waited for by its dagId; give one');
  if (runId !== '' && logicalDates.length > 0) {
    throw new DagError('runs are named by runId or by logicalDates; keep one of them');
  }
  if (taskIds.length > 0 && taskGroupId !== '') {
    throw new DagError('tasks are named by taskIds or by taskGroupId; keep one of them');
  }
  return {
    dagId,
    runId,
    logicalDates: logicalDates.map((each) => declaring('logicalDates', () => instantMessage(each))),
    taskIds: [...taskIds],
    taskGroupId,
    allowedStates: [...(wait.allowedStates ?? [])],
    failedStates: [...(wait.failedStates ?? [])],
    skippedStates: [...(wait.skippedStates ?? [])],
    ...polling(wait.pollInterval),
  };
}
