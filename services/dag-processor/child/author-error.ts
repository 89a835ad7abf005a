// Where in the author's file an error comes from, and what it says.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Order } from './order.ts';

/** `<file>:<line>: <cause>` for whatever was thrown while a file was imported. */
export function describeError(error: unknown, order: Order): string {
  const line = lineOf(error, order) ?? 1;
  return `${order.path}:${line}: ${causeOf(error, order)}`;
}

function causeOf(error: unknown, { file }: Order): string {
  if (!(error instanceof Error)) return `the file throws ${String(error)}`;
  // The SDK's own errors begin with the place, by the file's bare name.
  const sentence = error.message.replace(new RegExp(`^${escaped(basename(file))}:\\d+: `), '');
  const name = error.name === 'DagError' ? '' : `${error.name}: `;
  return `${name}${sentence}${hintOf(error)}`;
}

function hintOf(error: Error): string {
  const code = 'code' in error ? error.code : '';
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return '; DAG files run as they are, so use only syntax that can be erased';
  }
  if (code === 'ERR_MODULE_NOT_FOUND')
    return '; install it beside the DAG folder, or mend the path';
  return code === 'EACCES' ? '; let the user who reads DAG files read it' : '';
}

function lineOf(error: unknown, order: Order): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('line' in error && typeof error.line === 'number' && 'file' in error) {
    if (error.file === order.file) return error.line;
  }
  return lineOfFrame(error.stack ?? '', order) ?? lineOfImport(error.message, order);
}

// Syntax errors begin with `<file>:<line>`, others have frames that end with
// `<file>:<line>:<column>`.
function lineOfFrame(stack: string, { file }: Order): number | undefined {
  for (const name of [pathToFileURL(file).href, file]) {
    const at = new RegExp(`${escaped(name)}:(\\d+)`).exec(stack);
    if (at?.[1] !== undefined) return Number(at[1]);
  }
  return undefined;
}

// An import that cannot be found has no frame: it is looked up by what it names.
function lineOfImport(message: string, { file }: Order): number | undefined {
  const wanted = /Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1];
  if (wanted === undefined) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = lines.findIndex((line) => /["']/.test(line) && line.includes(basename(wanted)));
  return at < 0 ? undefined : at + 1;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
