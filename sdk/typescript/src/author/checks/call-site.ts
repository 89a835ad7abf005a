// Where in the author's files a declaration stands, so that specs and errors can point at the line.
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getCallSites } from 'node:util';

/** A line of a file of the author. */
export type CallSite = { readonly file: string; readonly line: number };

const FRAMES_MAX = 60;
const AUTHOR_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const SDK_FOLDERS = [AUTHOR_FOLDER, join(AUTHOR_FOLDER, '../task/')];
/** What stands in for the files of authors. */
const FIXTURES = join(AUTHOR_FOLDER, 'fixtures/');

/**
 * The author's own frames of the running call, innermost first; frames of the SDK and of Node are
 * left out.
 */
export function callSites(): readonly CallSite[] {
  return getCallSites(FRAMES_MAX)
    .map((frame) => ({ file: filePath(frame.scriptName), line: frame.lineNumber }))
    .filter(({ file }) => file !== '' && !isSdkFile(file));
}

/** Whether a frame's file is `file`, a path relative to some folder such as the DAG folder. */
export function isSameFile(site: CallSite, file: string): boolean {
  return site.file === file || site.file.endsWith(`/${file.replace(/^\/+/, '')}`);
}

/** `weather.ts:12`, or nothing where no frame of the author is known. */
export function describeSite(site: CallSite | undefined): string {
  return site === undefined ? '' : `${basename(site.file)}:${site.line}`;
}

function filePath(scriptName: string): string {
  if (scriptName.startsWith('node:')) return '';
  const [path = ''] = scriptName.split('?');
  return path.startsWith('file:') ? fileURLToPath(path) : path;
}

function isSdkFile(file: string): boolean {
  if (file.endsWith('.test.ts') || file.startsWith(FIXTURES)) return false;
  return SDK_FOLDERS.some((folder) => file.startsWith(folder));
}
