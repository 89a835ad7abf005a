// Opening a simulation for the other side of the door: its DAGs, its options, and who serves it.
import { fromBinary, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { ResolvedConnectionSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { type Commands, createCommands } from '../commands.ts';
import { contractOf, countIn, instantIn, listIn, numberIn, objectIn, textsIn } from './line.ts';
import { createMemory, type Memory } from '../ledger/memory.ts';
import { createPlayer, type Player } from '../player.ts';
import { createSimulation, type Simulation } from '../simulation.ts';
import { createStageDoor, type Say, type StageDoor } from './stage-door.ts';
import { createWorld } from '../task/world.ts';

/** The version of the protocol; another one is refused. */
export const PROTOCOL_VERSION = 1;

/** Most DAGs of one simulation. */
const DAGS_MAX = 1_000;

/** A simulation that was opened. */
export type Theatre = {
  readonly simulation: Simulation;
  readonly memory: Memory;
  readonly commands: Commands;
  readonly player: Player;
  readonly stage: StageDoor;
};

/** Opens what `open` asks for. Throws `bad_request`, and `bad_dag` when one cannot be compiled. */
export function openTheatre(message: JsonObject, say: Say): Theatre {
  const version = numberIn(message, 'version');
  if (version !== PROTOCOL_VERSION) {
    const words = `this simulator speaks version ${PROTOCOL_VERSION}, not ${version}`;
    throw fail('bad_request', `${words}; bring the SDK and the simulator to one release`);
  }
  const specs = listIn(message, 'specs').map(specOf);
  if (specs.length === 0 || specs.length > DAGS_MAX) {
    throw fail('bad_request', `a simulation has 1 to ${DAGS_MAX} DAGs, not ${specs.length}`);
  }
  const options = objectIn(message, 'options');
  const simulation = createSimulation(specs, {
    startMs: instantIn(options, 'start_ms') ?? 0,
    pools: poolsIn(options),
    areSchedulesHeld: true,
  });
  const memory = createMemory(simulation.commits);
  const commands = createCommands(simulation, memory);
  const world = createWorld({
    variables: textsIn(options, 'variables'),
    connections: listIn(options, 'connections').map((json) =>
      contractOf(ResolvedConnectionSchema, json, 'connections'),
    ),
  });
  const stage = createStageDoor({ simulation, memory, world, commands }, say);
  const slots = countIn(options, 'slots');
  const attemptsMax = countIn(options, 'attempts_max');
  const player = createPlayer(simulation, {
    perform: stage.perform,
    memory,
    connections: world.connections,
    ...(slots === undefined ? {} : { slots }),
    ...(attemptsMax === undefined ? {} : { attemptsMax }),
  });
  return { simulation, memory, commands, player, stage };
}

/** A DagSpec in protobuf's JSON form, or the base64 of its binary form. */
function specOf(json: JsonValue): DagSpec {
  if (typeof json !== 'string') return contractOf(DagSpecSchema, json, 'specs');
  try {
    return fromBinary(DagSpecSchema, Buffer.from(json, 'base64'));
  } catch (cause) {
    throw fail('bad_request', 'a text in "specs" is the base64 of a DagSpec', { cause });
  }
}

function poolsIn(options: JsonObject): Readonly<Record<string, number>> {
  const pools = objectIn(options, 'pools');
  return Object.fromEntries(
    Object.keys(pools).map((name) => [name, numberIn(pools, name) ?? 0] as const),
  );
}
