// Bundles: the places that DAG files come from, and the paths by which the catalog knows them.

/** Where the files of a bundle come from. */
export type BundleConfig =
  /** A folder on this machine, watched as it is. */
  | { readonly kind: 'folder'; readonly name: string; readonly path: string }
  /** A git repository, of which each new commit is checked out. */
  | {
      readonly kind: 'git';
      readonly name: string;
      /** Anything that git can fetch from; may hold a password. */
      readonly url: string;
      /** A branch, a tag or a commit; empty means the branch that the repository offers first. */
      readonly ref: string;
      /** What of the repository is checked out, with forward slashes; empty means all of it. */
      readonly subfolder: string;
      /** How often it is asked for new commits. */
      readonly refreshMs: number;
    };

/** The files of a bundle as they are at one time. */
export type Tree = {
  /** Empty for the DAG folder. */
  readonly bundleName: string;
  /** A commit, or `current` for a folder; empty for the DAG folder. */
  readonly version: string;
  /** Absolute. */
  readonly root: string;
  /**
   * Sums up what any DAG file of the tree may use without naming it; empty where files change in
   * place, so that no version of them is kept.
   */
  readonly surroundings: string;
  /** Of the claim by which the version is in force; 0 for files that change in place. */
  readonly sequence: bigint;
};

/** The version of a bundle whose files change in place. */
export const CURRENT = 'current';

const SEPARATOR = '://';

/**
 * The path by which the catalog knows a file: that in the DAG folder as it is, that in a bundle
 * behind the bundle's name. No path in a folder has two slashes in a row, so none is taken for the
 * other.
 */
export function catalogPath(bundleName: string, path: string): string {
  return bundleName === '' ? path : `${bundleName}${SEPARATOR}${path}`;
}

/** A bundle as people call it. */
export function describeBundle(bundleName: string): string {
  return bundleName === '' ? 'the DAG folder' : `bundle "${bundleName}"`;
}

/** A path of the catalog in its parts. */
export function splitCatalogPath(path: string): {
  readonly bundleName: string;
  readonly path: string;
} {
  const at = path.indexOf(SEPARATOR);
  if (at < 0) return { bundleName: '', path };
  return { bundleName: path.slice(0, at), path: path.slice(at + SEPARATOR.length) };
}
