// Runs as a test is told of them: plain JSON.
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { instancesOf, nameOf } from '../../core/instance.ts';
import type { Run } from '../../core/run/run.ts';
import { nameOfRunType, nameOfState } from '../../core/state.ts';
import type { Memory } from '../ledger/memory.ts';
import type { Simulation } from '../simulation.ts';
import { waitsOf } from '../stuck.ts';

/**
 * A run with its task instances by name: states, tries, values by key, and for those that are not
 * finished what they wait for. Instants in epoch milliseconds, absent where there is none.
 */
export function toldRun(simulation: Simulation, memory: Memory, run: Run): JsonObject {
  const instances = [...instancesOf(run)];
  const byName = (told: (instance: (typeof instances)[number]) => JsonValue) =>
    Object.fromEntries(instances.map((instance) => [nameOf(instance), told(instance)]));
  return {
    dag_id: run.dag.dagId,
    run_id: run.runId,
    run_type: nameOfRunType(run.runType),
    state: STATE_NAMES.get(run.state) ?? 'unspecified',
    reason: run.stateReason,
    partition_key: run.partitionKey,
    params: JSON.parse(run.confJson || '{}') as JsonObject,
    ...instant('logical_date_ms', run.logicalDateMs),
    ...instant('data_interval_start_ms', run.intervalStartMs),
    ...instant('data_interval_end_ms', run.intervalEndMs),
    ...instant('run_after_ms', run.runAfterMs),
    ...instant('start_ms', run.startMs),
    ...instant('end_ms', run.endMs),
    tasks: byName(({ state }) => nameOfState(state)),
    labels: Object.fromEntries(
      instances.filter(({ mapLabel }) => mapLabel).map((each) => [nameOf(each), each.mapLabel]),
    ),
    tries: byName((instance) =>
      memory.triesOf(instance).map(({ tryNumber, state, startMs, endMs, error }) => ({
        number: tryNumber,
        state,
        error,
        ...instant('start_ms', startMs),
        ...instant('end_ms', endMs),
      })),
    ),
    xcoms: byName((instance) =>
      Object.fromEntries(
        [...memory.valuesOf(instance)].map(([key, json]) => [key, JSON.parse(json) as JsonValue]),
      ),
    ),
    waits: waitsOf(simulation, run),
  };
}

function instant(name: string, ms: number | undefined): JsonObject {
  return ms === undefined ? {} : { [name]: ms };
}

const STATE_NAMES = new Map<number, string>(
  Object.entries(DagRunState).map(([name, value]) => [value, name.toLowerCase()]),
);
