// The limits that the system itself keeps for a child: a net under the ones we watch.
import type { ParseLimits } from '../core/reading/explain-outcome.ts';

const MIB = 1024 * 1024;
const FILE_SIZE_MAX_BYTES = 64 * MIB;
const OPEN_FILES_MAX = 1_024;
// The threads of Node and Python count as processes.
const THREADS_PER_PROCESS = 16;
// Address space is more than memory: code, stacks and reserved room lie in it too.
const ADDRESS_SPACE_MARGIN_BYTES = 512 * MIB;
// For children whose parent was killed; the wall clock ends all others first, however many cores
// they use.
const CPU_SECONDS_PER_SECOND = 8;

/** Command that sets the limits of the one behind it. */
export function limitResources(
  limits: ParseLimits,
  child: {
    /**
     * V8 reserves far more address space than it uses, so Node is bounded by its heap and by
     * watching instead.
     */
    readonly hasBoundedAddresses: boolean;
    /** The system counts processes by user; as ourselves it would count all of ours. */
    readonly hasOwnUser: boolean;
  },
): readonly string[] {
  const cpuSeconds = Math.ceil((limits.timeMaxMs / 1_000) * CPU_SECONDS_PER_SECOND);
  const addressesMax = limits.memoryMaxBytes + ADDRESS_SPACE_MARGIN_BYTES;
  return [
    'prlimit',
    '--core=0',
    `--cpu=${cpuSeconds}`,
    `--fsize=${FILE_SIZE_MAX_BYTES}`,
    `--nofile=${OPEN_FILES_MAX}`,
    ...(child.hasBoundedAddresses ? [`--as=${addressesMax}`] : []),
    ...(child.hasOwnUser ? [`--nproc=${limits.processesMax * THREADS_PER_PROCESS}`] : []),
  ];
}
