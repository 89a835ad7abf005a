// The last resort against orphans: a tiny program beside the worker that outlives it by a moment,
// and kills the process groups the worker leaves behind. Children end by themselves when their
// supervisor is gone, unless their code never yields; a worker that is killed cannot see to that.
import { spawn } from 'node:child_process';

/**
 * Reads `+ <group>` and `- <group>` until its input ends with the worker, and then kills the groups
 * that are left.
 */
const SCRIPT = `
trap '' HUP INT TERM
groups=
while read -r sign group; do
  rest=
  for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
  groups=$rest
  [ "$sign" = + ] && groups="$groups $group"
done
for each in $groups; do kill -9 "-$each" 2>/dev/null; done
`;

/** Keeps the list of process groups that must not outlive the worker. */
export type Guard = {
  watch(group: number): void;
  /** Nobody is left in the group. */
  forget(group: number): void;
};

/** Starts the guard. It ends with the worker, however that ends. */
export function startGuard(): Guard {
  const program = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  // A worker without its guard works as well as before; only the last resort is missing.
  program.on('error', () => undefined);
  program.stdin.on('error', () => undefined);
  program.unref();
  return {
    watch: (group) => void program.stdin.write(`+ ${group}\n`),
    forget: (group) => void program.stdin.write(`- ${group}\n`),
  };
}
