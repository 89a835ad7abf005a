// The params of runs that nobody has triggered by hand.
import type { Dag } from '../dag.ts';

/** The defaults of the DAG's params as a JSON object; those without one are absent. */
export function defaultConf({ version }: Dag): string {
  const pairs = version.params
    .filter((param) => param.defaultJson !== '')
    .map((param) => `${JSON.stringify(param.name)}:${param.defaultJson}`);
  return `{${pairs.join(',')}}`;
}
