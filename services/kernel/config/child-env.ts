// The environment of a child program: this program's own, and what the child is told besides.
import type { Env } from './config.ts';

/** This program's environment with more variables; a variable told here goes before an inherited one. */
export function childEnv(more: Env): NodeJS.ProcessEnv {
  const told = Object.entries(more).filter(([, value]) => value !== undefined);
  return { ...process.env, ...Object.fromEntries(told) };
}
