// What a person is told when a command fails: one sentence, what to do next, and never a stack.
import { CommanderError, InvalidArgumentError } from 'commander';
import { Code, ConnectError, messageOf, reasonOf } from '#kernel/errors/errors.ts';
import { EXIT, exitCodeOf } from './core/exit-code.ts';

/** What to say and how to leave. */
export type Failure = { readonly exitCode: number; readonly text: string };

const HOW_TO_SIGN_IN =
  'Set DAGMESH_TOKEN or pass --token-file <path>; admins make tokens: dagmesh auth token create';
const WHERE_IT_IS = 'say where it is: --api <url> or DAGMESH_API.';
const HOW_TO_REACH = `Start it with "dagmesh standalone", or ${WHERE_IT_IS}`;

/** Turns any error into words and an exit code. */
export function describeFailure(error: unknown): Failure {
  // A value that was read by the command itself, e.g. from stdin.
  if (error instanceof InvalidArgumentError) return { exitCode: EXIT.usage, text: error.message };
  // Commander has said what is wrong, or shown the help that was asked for.
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage, text: '' };
  }
  // Ctrl-C at a question reaches us as an error, not as a signal.
  if (error instanceof Error && error.name === 'AbortError') {
    return { exitCode: EXIT.interrupted, text: '' };
  }
  if (error instanceof ConnectError) {
    if (isStranger(error)) return { exitCode: EXIT.unavailable, text: describeStranger(error) };
    return { exitCode: exitCodeOf(error.code), text: describeRefusal(error) };
  }
  const message = messageOf(error);
  if (message.startsWith('bad configuration')) return { exitCode: EXIT.usage, text: message };
  const text = `dagmesh failed: ${message}. DAGMESH_DEBUG=1 shows where.`;
  return { exitCode: EXIT.failed, text };
}

/** DagMesh's own errors say what to do next; the transport's do not. */
function describeRefusal(error: ConnectError): string {
  const message = error.rawMessage;
  const reason = reasonOf(error);
  if (reason === 'unauthenticated') return `This needs an API token.\n${HOW_TO_SIGN_IN}`;
  if (reason !== undefined) return message;
  switch (error.code) {
    case Code.Unavailable:
      return `DagMesh cannot be reached: ${message}.\n${HOW_TO_REACH}`;
    case Code.DeadlineExceeded:
      return 'DagMesh did not answer in time. Try again; if it stays so, see the log of its api.';
    default:
      return message;
  }
}

/** True for answers that no DagMesh api gives: it has a reason for everything it refuses. */
function isStranger(error: ConnectError): boolean {
  const reason = reasonOf(error);
  const isElsewhere = error.code === Code.Unimplemented || error.code === Code.NotFound;
  return reason === 'method_not_found' || (reason === undefined && isElsewhere);
}

function describeStranger({ rawMessage }: ConnectError): string {
  return `What answers is no DagMesh api, or an old one: ${rawMessage}.\nPlease ${WHERE_IT_IS}`;
}
