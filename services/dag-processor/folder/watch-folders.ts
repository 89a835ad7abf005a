// Tells when something may have changed in some folders, so that nobody has to look all the time.
import { type FSWatcher, watch } from 'node:fs';

/** Watches over a changing set of folders. */
export type FolderWatch = {
  /**
   * From now on these folders are watched, and no others, as far as that can be. True when there
   * are new ones.
   */
  follow(folders: readonly string[]): boolean;
  stop(): void;
};

/** More watches than this would take from what the system allows to all programs together. */
const WATCHES_MAX = 1_000;

/**
 * Calls `onChange` whenever anything happens in a followed folder, often more than once for one
 * change.
 */
export function watchFolders(onChange: () => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();

  const forget = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const begin = (folder: string): boolean => {
    try {
      const watcher = watch(folder, { persistent: false }, onChange);
      watcher.on('error', () => forget(folder));
      watchers.set(folder, watcher);
      return true;
    } catch {
      // Too many watches on this machine, or the folder has just gone: looking again finds what
      // happens there.
      return false;
    }
  };
  return {
    follow(folders) {
      const kept = new Set(folders.slice(0, WATCHES_MAX));
      for (const folder of [...watchers.keys()]) if (!kept.has(folder)) forget(folder);
      const begun = [...kept].filter((folder) => !watchers.has(folder) && begin(folder));
      return begun.length > 0;
    },
    stop() {
      for (const folder of [...watchers.keys()]) forget(folder);
    },
  };
}
