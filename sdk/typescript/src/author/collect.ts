// Finds the DAGs of an imported file: those it exports and those it declared while it was imported.
import type { DagSpec } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import { isSameFile } from './checks/call-site.ts';
import { type Dag, draftOfDag, isDag, takeDeclared } from './dag.ts';
import { DagError } from './checks/dag-error.ts';
import { toDagSpec } from './spec.ts';

/** Which file was imported. */
export type CollectOptions = {
  /** Relative to the DAG folder, with forward slashes. */
  readonly file: string;
};

/** A module's namespace, as `import()` resolves it. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/**
 * The DagSpecs of the file imported last. Call it once after each `import()` and before the next.
 * Throws a DagError when two DAGs share an id.
 */
export function collectDags(module: ModuleExports, options: CollectOptions): DagSpec[] {
  return dagsOf(module, options).map((dag) => toDagSpec(dag, { ...options, exports: module }));
}

/** The DAGs of the file imported last, in the order of their declaration. */
export function dagsOf(module: ModuleExports, { file }: CollectOptions): readonly Dag[] {
  const exported = Object.values(module).filter(isDag);
  const found = new Set([...takeDeclared().filter((dag) => isDeclaredIn(dag, file)), ...exported]);
  const byId = new Map<string, Dag>();
  for (const dag of found) {
    if (byId.has(dag.dagId)) {
      const site = draftOfDag(dag).sites[0];
      throw new DagError(`there are two DAGs with the id "${dag.dagId}"; rename one`, { site });
    }
    byId.set(dag.dagId, dag);
  }
  return [...byId.values()];
}

/**
 * A DAG of an imported library file belongs to that file; one made by a factory, to the file that
 * called it.
 */
function isDeclaredIn(dag: Dag, file: string): boolean {
  return draftOfDag(dag).sites.some((site) => isSameFile(site, file));
}
