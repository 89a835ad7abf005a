// Keeps an eye on a bundle: looks when something happens in its folder, and every now and then.
import type { Clock } from '#kernel/clock/clock.ts';
import { fail, messageOf } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { describeBundle, type Tree } from '../core/bundle/bundle.ts';
import type { Events } from '../events.ts';
import { type FolderView, type IgnoreSyntax, scanFolder } from '../folder/scan-folder.ts';
import { watchFolders } from '../folder/watch-folders.ts';
import { loopPart } from './loop-part.ts';

/** What watching takes. */
export type FolderWatcherOptions = {
  /** Empty for the DAG folder. */
  readonly bundleName: string;
  /** Where the files are now; throws a sentence while they are nowhere. */
  readonly tree: () => Tree;
  readonly ignoreSyntax: IgnoreSyntax;
  /** How long to wait for news before looking anyway. */
  readonly rescanMs: number;
  /** Done once before the first look, for as long as it takes. */
  readonly prepare: () => Promise<void>;
  /** Called with every look; looks never overlap. */
  readonly onLook: (view: FolderView, tree: Tree) => Promise<void>;
  readonly clock: Clock;
  readonly events: Events;
};

/** Watches from `start` to `stop`. */
export type FolderWatcher = Part & {
  /**
   * Looks now; resolves after a look begun since the call, or when we stop. Rejects when the folder
   * cannot be read.
   */
  look(): Promise<void>;
};

// Editors and git write many files in a row: wait until they are done, but not for ever.
const QUIET_MS = 60;
const QUIET_ROUNDS_MAX = 10;

/** A watcher of one folder. */
export function createFolderWatcher(options: FolderWatcherOptions): FolderWatcher {
  const { bundleName, clock, events } = options;
  const what = describeBundle(bundleName);
  const stopping = new AbortController();
  const bell = createBell();
  const watch = watchFolders(bell.ring);
  let asked: PromiseWithResolvers<void> | undefined;

  const lookOnce = async () => {
    const answered = asked;
    asked = undefined;
    bell.silence();
    try {
      const tree = options.tree();
      const view = await scanFolder(tree.root, options.ignoreSyntax);
      // Files that came into a new folder before it was watched are found by another look.
      if (watch.follow(view.folders)) bell.ring();
      events.folderSeen({ bundleName, filesCount: view.files.size, isCut: view.isCut });
      for (const path of view.linkedFolders) events.linkNotFollowed(path);
      for (const rule of view.unusableRules) events.ignoreRuleUnusable(bundleName, rule);
      await options.onLook(view, tree);
      answered?.resolve();
    } catch (error) {
      const reason = messageOf(error);
      if (!stopping.signal.aborted) events.folderUnreadable(bundleName, reason);
      answered?.reject(fail('unreachable', `${what} cannot be read now: ${reason}`));
    }
  };
  // The catalog may be away for long: nobody waits for it at the start.
  const looking = loopPart(`watcher of ${what}`, stopping.signal, async () => {
    await options.prepare();
    while (!stopping.signal.aborted) {
      await lookOnce();
      const wake = AbortSignal.any([bell.signal(), stopping.signal]);
      if (asked === undefined) await clock.sleep(options.rescanMs, wake);
      if (asked === undefined) await waitForQuiet(bell, clock, stopping.signal);
    }
  });

  return {
    ...looking,
    async stop() {
      stopping.abort();
      watch.stop();
      await looking.stop();
      asked?.resolve();
    },
    async look() {
      if (stopping.signal.aborted) return;
      asked ??= Promise.withResolvers();
      bell.ring();
      await asked.promise;
    },
  };
}

/** Rings when something may have changed, until it is silenced. */
type Bell = { ring(): void; silence(): void; signal(): AbortSignal };

function createBell(): Bell {
  let ringing = new AbortController();
  return {
    ring: () => ringing.abort(),
    silence() {
      if (ringing.signal.aborted) ringing = new AbortController();
    },
    signal: () => ringing.signal,
  };
}

async function waitForQuiet(bell: Bell, clock: Clock, stopping: AbortSignal): Promise<void> {
  for (let round = 0; round < QUIET_ROUNDS_MAX && bell.signal().aborted; round++) {
    bell.silence();
    await clock.sleep(QUIET_MS, stopping);
  }
}
