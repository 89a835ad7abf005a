// A bundle that is a git repository: fetches it, checks out the commit that its ref names, and
// keeps the commits that runs still need.
import { messageOf } from '#kernel/errors/errors.ts';
import type { BundleClaim, CatalogStore } from '../catalog/catalog-store.ts';
import type { Tree } from '../core/bundle/bundle.ts';
import type { IgnoreSyntax } from '../folder/scan-folder.ts';
import { type Checkouts, isCommit } from './checkouts.ts';
import type { Repository } from './repository.ts';
import { surroundingsOf } from './surroundings.ts';

/** What came of asking a repository. */
export type Refreshed = {
  /** Whether another version is in force here now, or the same by another claim. */
  readonly isChanged: boolean;
  /** Why there may be something newer, in a sentence; undefined when all is well. */
  readonly problem: string | undefined;
};

/** A version that runs need and that cannot be had, with a sentence that says why. */
export type LostVersion = { readonly version: string; readonly reason: string };

/** A git bundle. */
export type GitBundle = {
  /** The latest checkout; throws a sentence while there is none. */
  tree(): Tree;
  /**
   * Fetches and checks out. While the repository cannot be fetched, what was fetched before is in
   * force.
   */
  refresh(): Promise<Refreshed>;
  /**
   * Checks out the versions in use that are not there, and removes old ones that nobody uses.
   * Answers those that cannot be had; each is tried again, and told again, after the next refresh.
   */
  keep(versionsInUse: readonly string[]): Promise<readonly LostVersion[]>;
};

/** What a git bundle is made of. */
export type GitBundleParts = {
  readonly bundleName: string;
  readonly repository: Repository;
  readonly checkouts: Checkouts;
  readonly ignoreSyntax: IgnoreSyntax;
  /** Which version counts, where several dag-processors fetch the bundle. */
  readonly claim: CatalogStore['claimBundleVersion'];
};

// Of those that claim at the same moment, all but one look again.
const CLAIMS_MAX = 3;

/** A bundle that has fetched nothing yet. */
export function createGitBundle(parts: GitBundleParts): GitBundle {
  const { bundleName, repository, checkouts } = parts;
  let tree: Tree | undefined;
  let lack = 'it is being fetched for the first time';
  const inTurn = createTurns();
  const old = createOldVersions(parts);
  let isUntidy = false;
  /** Fetches, and takes up what may count; answers whether it does. */
  const update = async (): Promise<Refreshed & { readonly isInForce: boolean }> => {
    let problem: string | undefined;
    try {
      // Asked before the fetch: what another one claims from now on is newer than what we get.
      const before = await parts.claim(bundleName, NO_CLAIM);
      problem = await repository.fetch().then(() => undefined, messageOf);
      const version = await repository.newest();
      const claim = await claimOf(version, { before, isFetched: problem === undefined }, parts);
      const isInForce = claim !== undefined;
      const isKnown = version === tree?.version && claim?.bundleSequence === tree.sequence;
      if (claim === undefined || isKnown) return { isChanged: false, problem, isInForce };
      tree = await inTurn(() => checkOut(claim, tree, parts));
      return { isChanged: true, problem, isInForce };
    } catch (error) {
      return { isChanged: false, problem: problem ?? messageOf(error), isInForce: false };
    }
  };
  return {
    tree() {
      if (tree === undefined) throw new Error(`it is not here yet: ${lack}`);
      return tree;
    },
    async refresh() {
      // Not before what is new is in force: that would wait for this.
      const untidy = isUntidy
        ? await repository.tidy().then(() => undefined, messageOf)
        : undefined;
      let done = await update();
      for (let tries = 1; tries < CLAIMS_MAX; tries++) {
        if (done.isInForce || done.problem !== undefined) break;
        done = await update();
      }
      const { isChanged, problem = untidy } = done;
      isUntidy = isChanged;
      lack = problem ?? lack;
      old.tryAgain();
      return { isChanged, problem };
    },
    async keep(versionsInUse) {
      const newest = tree?.version;
      // As long as nothing was fetched, nothing can be checked out.
      if (newest === undefined) return [];
      // A bundle of this name may have been a folder, which has no commits.
      const kept = new Set([newest, ...versionsInUse.filter(isCommit)]);
      return inTurn(async () => {
        const failed = await old.take(kept);
        await checkouts.prune(kept);
        return failed;
      });
    },
  };
}

/** The tree of a claim; one that we have already is only claimed anew. */
async function checkOut(
  { bundleVersion: version, bundleSequence: sequence }: BundleClaim,
  before: Tree | undefined,
  parts: GitBundleParts,
): Promise<Tree> {
  if (version === before?.version) return { ...before, sequence };
  const root = await take(version, parts);
  const listing = await parts.repository.list(version);
  const surroundings = await surroundingsOf(listing, root, parts.ignoreSyntax);
  return { bundleName: parts.bundleName, version, root, surroundings, sequence };
}

const NO_CLAIM: BundleClaim = { bundleVersion: '', bundleSequence: 0n };

/**
 * The claim by which a version is in force; undefined when it may be older than the one that is.
 * Without a fetch it may be, unless nobody has claimed anything yet.
 */
async function claimOf(
  version: string,
  { before, isFetched }: { readonly before: BundleClaim; readonly isFetched: boolean },
  { bundleName, claim }: GitBundleParts,
): Promise<BundleClaim | undefined> {
  if (version === before.bundleVersion) return before;
  if (!isFetched && before.bundleSequence > 0n) return undefined;
  const now = await claim(bundleName, { ...before, bundleVersion: version });
  return now.bundleVersion === version ? now : undefined;
}

function take(version: string, { checkouts, repository }: GitBundleParts): Promise<string> {
  return checkouts.take(version, (empty) => repository.checkOut(version, empty));
}

/** Checks out what is not there; what cannot be had is left alone until it is to be tried again. */
function createOldVersions(parts: GitBundleParts) {
  const lost = new Set<string>();
  return {
    tryAgain: () => lost.clear(),
    async take(versions: Iterable<string>): Promise<readonly LostVersion[]> {
      const failed: LostVersion[] = [];
      for (const version of versions) {
        if (lost.has(version) || (await parts.checkouts.has(version))) continue;
        await take(version, parts).catch((error: unknown) => {
          lost.add(version);
          failed.push({ version, reason: messageOf(error) });
        });
      }
      return failed;
    },
  };
}

/** One piece of work after the other: two check-outs of one commit would meet in one folder. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
