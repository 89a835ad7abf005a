// What keeps a reading child apart from this machine: found out once, by trying.

/** What is in force. What is absent is not permitted to us here. */
export type Isolation = {
  /**
   * Command that opens namespaces: no network, and processes that all die with the first one. Empty
   * when refused.
   */
  readonly namespaces: readonly string[];
  /**
   * Whether CPU time, file size, open files, number of processes and Python's address space can be
   * limited.
   */
  readonly hasResourceLimits: boolean;
  /** Whether programs that would gain privileges can be kept from it. */
  readonly hasNoNewPrivileges: boolean;
  /**
   * First of the user ids that Node's children take, one for each child at work; undefined: they
   * stay what we are.
   */
  readonly nodeUid: number | undefined;
  /** The same for Python's children. */
  readonly pythonUid: number | undefined;
  /** Whether memory and number of processes can be watched, through /proc. */
  readonly canWatch: boolean;
};

/** Runs a command to its end; true when it could be started and ended with code 0. */
export type Attempt = (command: readonly string[]) => Promise<boolean>;

/** What is asked of the machine. */
export type IsolationQuery = {
  readonly attempt: Attempt;
  readonly isRoot: boolean;
  /** The DAG folder. */
  readonly root: string;
  /** Files that a child of Node must be able to read after it gave up its user. */
  readonly nodeReads: readonly string[];
  /** Command that sets every limit there is for the one behind it. */
  readonly limitsResources: readonly string[];
  /** Command that shows whether Python can be started, with what it reads. */
  readonly pythonStarts: readonly string[];
};

// Ids that no account has: systemd reserves 61184–65519 for users that exist only while a program
// runs. `nobody` would not do, because other programs (an embedded PostgreSQL, say) run as nobody
// too.
const FIRST_UID = 65_300;

const NAMESPACES = ['unshare', '--net', '--pid', '--fork', '--kill-child'];
const USER_NAMESPACES = ['unshare', '--user', '--map-root-user', ...NAMESPACES.slice(1)];

/** Finds out what is permitted. Takes a few short-lived processes. */
export async function probeIsolation(query: IsolationQuery): Promise<Isolation> {
  const { attempt, isRoot, root } = query;
  const asOther = (command: readonly string[]) =>
    isRoot && attempt([...asUser(FIRST_UID), ...command]);
  const nodeMay = query.nodeReads.flatMap((path) => ['-a', '-r', path]);
  const [namespaces, hasResourceLimits, hasNoNewPrivileges, node, python, folder, canWatch] =
    await Promise.all([
      probeNamespaces(attempt),
      attempt([...query.limitsResources, 'true']),
      attempt(['setpriv', '--no-new-privs', 'true']),
      asOther(['test', '-x', '/', ...nodeMay]),
      asOther(query.pythonStarts),
      asOther(['test', '-r', root, '-a', '-x', root]),
      attempt(['test', '-r', '/proc/self/status']),
    ]);
  return {
    namespaces,
    hasResourceLimits,
    hasNoNewPrivileges,
    nodeUid: node && folder ? FIRST_UID : undefined,
    pythonUid: python && folder ? FIRST_UID : undefined,
    canWatch,
  };
}

/** What is in force, by the names an operator knows. */
export function describeIsolation(isolation: Isolation): Readonly<Record<string, string>> {
  const user = (uid: number | undefined) => (uid === undefined ? 'ours' : `uid ${uid} and up`);
  const isApart = isolation.namespaces.length > 0;
  return {
    network: isApart ? 'none' : 'open',
    processes: isApart ? 'own namespace, killed together' : 'own group, killed together',
    resource_limits: isolation.hasResourceLimits ? 'set' : 'not set',
    new_privileges: isolation.hasNoNewPrivileges ? 'none' : 'possible',
    typescript_user: user(isolation.nodeUid),
    python_user: user(isolation.pythonUid),
    memory: isolation.canWatch ? 'watched' : 'not watched',
  };
}

async function probeNamespaces(attempt: Attempt): Promise<readonly string[]> {
  if (await attempt([...NAMESPACES, 'true'])) return NAMESPACES;
  return (await attempt([...USER_NAMESPACES, 'true'])) ? USER_NAMESPACES : [];
}

/** Command that runs another one as a user who is in no group. */
export function asUser(uid: number): readonly string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
}
