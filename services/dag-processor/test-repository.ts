// For tests: a git repository on this machine, with the commits a test makes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A repository. */
export type TestRepository = {
  /** Its folder, which git can fetch from. */
  readonly root: string;
  /** Runs git in it; answers what it prints. */
  git(...args: readonly string[]): string;
  /** Commits files besides those that are there; answers the commit. */
  commit(files: Readonly<Record<string, string>>): string;
};

/** A new repository in a folder that is made, with the branch `main`. */
export function createTestRepository(root: string): TestRepository {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  mkdirSync(root, { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  return {
    root,
    git,
    commit(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      git('add', '--all');
      const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
      git(...author, 'commit', '--quiet', '--allow-empty', '--message=change');
      return git('rev-parse', 'HEAD');
    },
  };
}
