// Looks at a process and everything it started, through Linux' /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its descendants use. */
export type TreeUse = {
  readonly processesCount: number;
  /** Resident memory, in bytes; memory that processes share is counted for each of them. */
  readonly memoryBytes: number;
};

/**
 * Adds up a process tree; processes that end meanwhile do not count. Looks at no more than
 * `processesMax` processes and one: a tree that is too large need not be known any better.
 */
export function lookAtTree(rootPid: number, processesMax: number): TreeUse {
  let memoryBytes = 0;
  const pids = [rootPid];
  for (let at = 0; at < pids.length && at <= processesMax; at++) {
    const pid = pids[at] ?? 0;
    memoryBytes += residentBytes(pid);
    pids.push(...childrenOf(pid));
  }
  return { processesCount: pids.length, memoryBytes };
}

function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

// Each thread lists the processes it started itself.
function childrenOf(pid: number): number[] {
  return listOrEmpty(`/proc/${pid}/task`)
    .flatMap((thread) => readOrEmpty(`/proc/${pid}/task/${thread}/children`).split(' '))
    .filter((child) => child !== '')
    .map(Number);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function listOrEmpty(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
