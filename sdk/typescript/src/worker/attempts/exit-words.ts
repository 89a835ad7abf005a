// What to tell people when a task's process ended without the task having returned.
import { readFileSync } from 'node:fs';
import type { Exit } from '../children/child-port.ts';
import type { Failure } from '../ipc.ts';
import type { Stop } from './stopper.ts';

/** What V8 prints when a heap is full, before it aborts. */
const HEAP_FULL = /JavaScript heap out of memory|Allocation failed - |Reached heap limit/;

let kernelKillsSeen = kernelKillsCount();

/**
 * Whether the kernel of this machine has ended a process for lack of memory since this was last
 * asked.
 */
export function hasKernelKilled(): boolean {
  const before = kernelKillsSeen;
  kernelKillsSeen = kernelKillsCount();
  return kernelKillsSeen > before;
}

/** Whether a child's own output says that its heap was full. */
export function saysHeapFull(output: string): boolean {
  return HEAP_FULL.test(output);
}

/** The failure behind an exit that nobody asked for. */
export function failureOfExit(exit: Exit, isHeapFull: boolean): Failure {
  const isOutOfMemory = isHeapFull || (exit.signal === 'SIGKILL' && hasKernelKilled());
  return {
    reason: isOutOfMemory ? 'out_of_memory' : 'exited',
    errorClass: isOutOfMemory ? 'OutOfMemory' : 'ChildExited',
    errorAncestors: [],
    message: isOutOfMemory ? memoryWords(isHeapFull) : exitWords(exit),
    stack: '',
    isFinal: false,
    retryDelayMs: undefined,
  };
}

/** The failure of a task that the worker itself has ended. */
export function failureOfStop({ kind, reason }: Stop): Failure {
  const isTimeout = kind === 'timeout';
  return {
    reason: isTimeout ? 'timeout' : 'exited',
    errorClass: isTimeout ? 'TaskTimeout' : 'WorkerStopped',
    errorAncestors: [],
    message: reason,
    stack: '',
    isFinal: false,
    retryDelayMs: undefined,
  };
}

function memoryWords(isHeapFull: boolean): string {
  const [what, instead] = isHeapFull
    ? ['The task used more memory than its heap may have.', 'raise DAGMESH_WORKER_CHILD_MEMORY_MB']
    : ['The kernel ended the task: the machine is out of memory.', 'give the worker fewer slots'];
  return `${what} Let it work on smaller pieces, or ${instead}.`;
}

function exitWords({ code, signal }: Exit): string {
  if (signal !== undefined)
    return `The task's process was ended by signal ${signal} before the task returned.`;
  return (
    `The task's process exited with code ${code ?? 'unknown'} before the task returned, ` +
    'by process.exit() or a crash.'
  );
}

/** 0 where the kernel does not tell. */
function kernelKillsCount(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
