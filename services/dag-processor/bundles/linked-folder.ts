// Shows workers a folder of this machine in the place where they look for bundles.
import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#kernel/errors/errors.ts';
import { LATEST } from '../core/bundle.ts';
import type { CheckoutSource } from './checkout-source.ts';

/** Keeps `<folder>/latest` a link to `root`, whose files are read as they are. */
export function createLinkedFolder(options: {
  readonly root: string;
  readonly folder: string;
}): CheckoutSource {
  const { root, folder } = options;
  const link = join(folder, LATEST);
  const unfinished = join(folder, '.unfinished');
  return async () => {
    try {
      await mkdir(folder, { recursive: true });
      const target = await readlink(link).catch(() => undefined);
      if (target !== root) {
        await rm(unfinished, { recursive: true, force: true });
        await symlink(root, unfinished);
        await rename(unfinished, link);
      }
      return { checkout: { root, version: LATEST }, problem: undefined };
    } catch (error) {
      return { checkout: undefined, problem: messageOf(error) };
    }
  };
}
