// What is done when a task or run comes to a state: a function, a webhook, a mail.
import { CallbackEvent, type CallbackSpecSchema } from '../../gen/dagmesh/dag/v1/alert_pb.ts';
import type { JsonObject } from '../../json.ts';
import type { TaskBody } from '../../task/context.ts';
import { DagError } from '../checks/dag-error.ts';
import type { AnyFunction } from '../draft.ts';
import type { FieldsOf } from '../values/fields.ts';
import { requireShapes, type Shapes } from '../checks/shapes.ts';

/**
 * A function that is run as a task of its own, with its own log; `inputs` are the context of what
 * happened. At least once: `attemptId` tells repetitions apart.
 */
export type CallbackBody = TaskBody<JsonObject>;

/** Something else than a function of the file, made by `webhook`, `email` or `remoteCallback`. */
export type Notifier = {
  readonly kind: 'notifier';
  readonly action: FieldsOf<typeof CallbackSpecSchema>['action'] & {};
  readonly queue: string;
};

/** One callback. */
export type Callback = CallbackBody | Notifier;

/** What the `on…` options accept. */
export type CallbackOption = Callback | readonly Callback[];

/** The `on…` options that DAGs and tasks share. */
export type CallbackOptions = {
  /** It succeeded. */
  readonly onSuccess?: CallbackOption;
  /** It failed, with no try left. */
  readonly onFailure?: CallbackOption;
  /** It did not succeed within its `sla` (a DAG: one of its tasks). */
  readonly onSlaMiss?: CallbackOption;
};

/** Those that only tasks have. */
export type TaskCallbackOptions = CallbackOptions & {
  /** A try begins. */
  readonly onExecute?: CallbackOption;
  /** It failed and will be tried again. */
  readonly onRetry?: CallbackOption;
  /** It asked to be skipped. */
  readonly onSkipped?: CallbackOption;
};

/** A callback before its function has the name of its file. */
export type CallbackDraft = { readonly event: CallbackEvent; readonly callback: Callback };

const EVENTS = {
  onExecute: CallbackEvent.EXECUTE,
  onSuccess: CallbackEvent.SUCCESS,
  onFailure: CallbackEvent.FAILURE,
  onRetry: CallbackEvent.RETRY,
  onSkipped: CallbackEvent.SKIPPED,
  onSlaMiss: CallbackEvent.SLA_MISS,
} as const satisfies Record<keyof TaskCallbackOptions, CallbackEvent>;

type Queued = {
  /** Which workers do it; `default` by default. */
  readonly queue?: string;
};

/** Whom `webhook` tells. */
export type WebhookOptions = Queued & {
  /** `http` or `https`. */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** The context as JSON by default. */
  readonly body?: string;
};

/** What `email` sends, and to whom. */
export type EmailOptions = Queued & {
  readonly to: string | readonly string[];
  readonly subject?: string;
  readonly body?: string;
  /** `smtp_default` by default. */
  readonly connId?: string;
};

/** What `remoteCallback` calls. */
export type RemoteCallbackOptions = { readonly handler: string; readonly queue: string };

const WEBHOOK_SHAPES: Shapes<WebhookOptions> = {
  url: 'text!',
  headers: 'object',
  body: 'text',
  queue: 'text',
};
const EMAIL_SHAPES: Shapes<EmailOptions> = {
  to: 'any!',
  subject: 'text',
  body: 'text',
  connId: 'text',
  queue: 'text',
};
const REMOTE_SHAPES: Shapes<RemoteCallbackOptions> = { handler: 'text!', queue: 'text!' };

/**
 * POSTs the context as JSON to an `http` or `https` URL; `body` replaces it, with `{{ name }}`
 * standing for values of the context.
 */
export function webhook(options: WebhookOptions): Notifier {
  requireShapes('webhook()', options, WEBHOOK_SHAPES);
  const { url, headers = {}, body = '', queue = '' } = options;
  if (!/^https?:\/\//.test(url)) {
    throw new DagError(`the url of a webhook begins with http:// or https://; "${url}" does not`);
  }
  const value = { url, headers: { ...headers }, body };
  return { kind: 'notifier', action: { case: 'webhook', value }, queue };
}

/**
 * Sends a mail over the connection `connId` of type `smtp` (`smtp_default` by default). In subject
 * and body `{{ name }}` stands for values of the context; both have a default.
 */
export function email(options: EmailOptions): Notifier {
  requireShapes('email()', options, EMAIL_SHAPES);
  const { subject = '', body = '', connId = '', queue = '' } = options;
  const to = [options.to].flat();
  if (to.length === 0) throw new DagError('a mail needs somebody to go to; give email() a `to`');
  return {
    kind: 'notifier',
    action: { case: 'email', value: { to, subject, body, connId } },
    queue,
  };
}

/** A function of another language's worker; its arguments are the context. */
export function remoteCallback(options: RemoteCallbackOptions): Notifier {
  requireShapes('remoteCallback()', options, REMOTE_SHAPES);
  const { handler, queue } = options;
  return { kind: 'notifier', action: { case: 'handler', value: handler }, queue };
}

/** The callbacks among the options of a task or DAG. */
export function callbackDrafts(options: TaskCallbackOptions): CallbackDraft[] {
  return Object.entries(EVENTS).flatMap(([name, event]) =>
    listOf(options[name as keyof TaskCallbackOptions]).map((callback) => {
      requireCallback(name, callback);
      return { event, callback };
    }),
  );
}

/** The contract's form, once it is known under which names functions are found. */
export function callbackSpec(
  { event, callback }: CallbackDraft,
  handlerOf: (named: AnyFunction) => string,
): FieldsOf<typeof CallbackSpecSchema> {
  if (typeof callback !== 'function')
    return { event, action: callback.action, queue: callback.queue };
  return { event, action: { case: 'handler', value: handlerOf(callback) } };
}

/** The functions among callbacks. */
export function functionsOf(drafts: readonly CallbackDraft[]): AnyFunction[] {
  return drafts.flatMap(({ callback }) => (typeof callback === 'function' ? [callback] : []));
}

function listOf(option: CallbackOption | undefined): readonly Callback[] {
  if (option === undefined) return [];
  return isList(option) ? option : [option];
}

function isList(option: CallbackOption): option is readonly Callback[] {
  return Array.isArray(option);
}

/** Throws a DagError that names the option when a value is no callback. */
export function requireCallback(option: string, callback: unknown): void {
  if (typeof callback === 'function') return;
  if (typeof callback === 'object' && callback !== null && 'kind' in callback) {
    if (callback.kind === 'notifier') return;
  }
  throw new DagError(`${option} is no function; use one, or webhook(), email(), remoteCallback()`);
}
