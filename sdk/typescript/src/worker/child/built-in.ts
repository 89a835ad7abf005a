// What every worker can do by itself: tell a URL, send a mail. Its arguments are the context of
// what happened.
import type { JsonObject } from '../../json.ts';
import type { TaskBody, TaskContext } from '../../task/context.ts';
import { fillPlaceholders } from '../../task/placeholders.ts';
import type { BuiltIn } from '../ipc.ts';
import { sendMail } from './smtp.ts';

const DEADLINE_MS = 30_000;
const ANSWER_LENGTH_MAX = 500;
const CONN_ID = 'smtp_default';

type Webhook = Extract<BuiltIn, { kind: 'webhook' }>;
type Email = Extract<BuiltIn, { kind: 'email' }>;

/** The body of a built-in action. */
export function builtInBody(builtIn: BuiltIn): TaskBody {
  return (context) =>
    builtIn.kind === 'webhook' ? tellUrl(builtIn, context) : mail(builtIn, context);
}

/** POSTs and expects a status from 200 to 299 within 30 s. */
async function tellUrl({ url, headers, body }: Webhook, { inputs, log, signal }: TaskContext) {
  const { host } = new URL(url);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body === '' ? JSON.stringify(inputs) : fillPlaceholders(body, inputs),
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
  });
  // A URL may hold a secret, so only its host is told.
  log.info(`${host} answered ${response.status}`);
  const answer = (await response.text()).slice(0, ANSWER_LENGTH_MAX);
  if (!response.ok) throw new Error(`${host} answered ${response.status}: ${answer}`);
  return { status: response.status };
}

async function mail({ to, subject, body, connId }: Email, context: TaskContext) {
  const { inputs, log, signal, attemptId } = context;
  const connection = await context.conn(connId === '' ? CONN_ID : connId);
  const words = wordsOf(inputs);
  await sendMail(
    {
      to,
      subject: subject === '' ? words.subject : fillPlaceholders(subject, inputs),
      body: body === '' ? words.body : fillPlaceholders(body, inputs),
      // The same for every repetition, so that a reader's program can drop doubles.
      messageId: attemptId,
    },
    connection,
    AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
  );
  log.info(`sent to ${to.length} by ${connection.host}`);
  return { sent: to.length };
}

/** What is said when the author says nothing. */
function wordsOf(inputs: JsonObject): { readonly subject: string; readonly body: string } {
  const lines = Object.entries(inputs).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const told = ['dag_id', 'run_id', 'task_id', 'event']
    .map((name) => inputs[name])
    .filter((value) => typeof value === 'string' && value !== '');
  return { subject: `DagMesh: ${told.join(' ')}`, body: lines.join('\n') };
}
