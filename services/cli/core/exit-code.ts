// What the exit codes of `dagmesh` mean, and which of them an error earns.
import { Code } from '#kernel/errors/errors.ts';

/** The exit codes; part of the interface, so scripts may rely on them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  forbidden: 4,
  unavailable: 5,
  conflict: 6,
  interrupted: 130,
} as const;

/** One of them. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What they mean, for --help. */
export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    what was asked for failed, e.g. the run that --wait waited for
  2    the command line, or a value in it, is wrong
  3    there is no such DAG, run, task, connection, …
  4    not signed in, or not allowed
  5    DagMesh cannot be reached, or did not answer in time
  6    it exists already, or its state forbids what was asked for
  130  interrupted`;

/** The exit code for an RPC's error. */
export function exitCodeOf(code: Code): ExitCode {
  switch (code) {
    case Code.InvalidArgument:
    case Code.OutOfRange:
      return EXIT.usage;
    case Code.NotFound:
      return EXIT.notFound;
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return EXIT.forbidden;
    case Code.Unavailable:
    case Code.DeadlineExceeded:
      return EXIT.unavailable;
    case Code.AlreadyExists:
    case Code.FailedPrecondition:
    case Code.Aborted:
      return EXIT.conflict;
    default:
      return EXIT.failed;
  }
}
