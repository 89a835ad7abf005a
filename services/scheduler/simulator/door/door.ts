// What programs in other languages ask of a simulation, one JSON object after the other; main.ts
// tells the protocol.
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail, messageOf, reasonOf } from '#kernel/errors/errors.ts';
import { nameOf } from '../../core/instance.ts';
import type { Run } from '../../core/run/run.ts';
import { isRunFinished } from '../../core/state.ts';
import { findDag, findInstance, findRun } from '../commands.ts';
import { instantIn, jsonIn, listIn, numberIn, textIn } from './line.ts';
import type { Say } from './stage-door.ts';
import { whyWaiting } from '../stuck.ts';
import { openTheatre, PROTOCOL_VERSION, type Theatre } from './theatre.ts';
import { toldRun } from './told.ts';

/** Takes in one message. Answers go out through `say`, also later. */
export type Door = { hear(message: JsonObject): void };

type Operation = (theatre: Theatre, message: JsonObject) => Promise<JsonValue> | JsonValue;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  trigger,
  play,
  advance,
  runs,
  run: (theatre, message) => told(theatre, runIn(theatre, message)),
  fire,
  respond,
  update_asset: updateAsset,
  explain,
};

/** What is said of attempts; it gets no answer. */
const OF_ATTEMPTS: ReadonlySet<JsonValue | undefined> = new Set(['outcome', 'sleep', 'call']);

/** A door without a simulation; the first message opens one. */
export function createDoor(say: Say): Door {
  let theatre: Theatre | undefined;
  let isPlaying = false;

  const operate = async (message: JsonObject): Promise<JsonValue> => {
    const name = textIn(message, 'op');
    if (isPlaying) throw fail('bad_request', 'a play is under way; wait for its answer');
    if (name === 'open') {
      theatre = openTheatre(message, say);
      return { version: PROTOCOL_VERSION, now_ms: theatre.simulation.nowMs() };
    }
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined) throw fail('bad_request', `there is no operation "${name}"`);
    if (theatre === undefined) throw fail('bad_request', 'open a simulation first');
    isPlaying = true;
    try {
      const result = await operation(theatre, message);
      return { now_ms: theatre.simulation.nowMs(), result };
    } finally {
      isPlaying = false;
    }
  };

  const answer = async (message: JsonObject) => {
    let id = 0;
    try {
      id = numberIn(message, 'id') ?? 0;
      say({ answer: id, ok: await operate(message) });
    } catch (error) {
      const name = reasonOf(error) ?? 'failed';
      say({ answer: id, error: { name, message: messageOf(error) } });
    }
  };

  return {
    hear: (message) => {
      if (OF_ATTEMPTS.has(message['op'])) theatre?.stage.hear(message);
      else void answer(message);
    },
  };
}

async function trigger(theatre: Theatre, message: JsonObject): Promise<JsonValue> {
  const { dag } = findDag(theatre.simulation, textIn(message, 'dag_id'));
  const dateMs = instantIn(message, 'logical_date_ms');
  const run = await theatre.commands.trigger({
    dagId: dag.dagId,
    runId: textIn(message, 'run_id'),
    confJson: jsonIn(message, 'params'),
    partitionKey: textIn(message, 'partition_key'),
    ...(dateMs === undefined ? {} : { logicalDate: toTimestamp(dateMs) }),
  });
  return told(theatre, run);
}

/** Plays until a run is over, nothing goes on any more, or the clock has come to `until_ms`. */
async function play(theatre: Theatre, message: JsonObject): Promise<JsonValue> {
  const run = runIn(theatre, message);
  const untilMs = untilIn(theatre, message);
  await theatre.player.play({ untilMs, isOver: () => isRunFinished(run.state) });
  return told(theatre, run);
}

/** Lets the schedules run up to an instant; answers the runs that were made on the way. */
async function advance(theatre: Theatre, message: JsonObject): Promise<JsonValue> {
  const { simulation, player } = theatre;
  const untilMs = untilIn(theatre, message);
  if (untilMs === undefined) throw fail('bad_request', 'say until when: until_ms');
  const known = simulation.runs().length;
  simulation.startSchedules();
  await player.play({ untilMs });
  return simulation
    .runs()
    .slice(known)
    .map((run) => told(theatre, run));
}

function untilIn({ simulation }: Theatre, message: JsonObject): number | undefined {
  const untilMs = instantIn(message, 'until_ms');
  if (untilMs === undefined || untilMs >= simulation.nowMs()) return untilMs;
  const now = new Date(simulation.nowMs()).toISOString();
  throw fail('bad_request', `the clock is at ${now} already and never goes back`);
}

function runs(theatre: Theatre, message: JsonObject): JsonValue {
  const dagId = textIn(message, 'dag_id');
  return theatre.simulation
    .runs()
    .filter((run) => dagId === '' || run.dag.dagId === dagId)
    .map((run) => told(theatre, run));
}

function fire(theatre: Theatre, message: JsonObject): JsonValue {
  theatre.commands.fire(instanceIn(theatre, message), {
    eventJson: jsonIn(message, 'event') || 'null',
    error: textIn(message, 'error'),
    isSkip: message['is_skip'] === true,
  });
  return {};
}

async function respond(theatre: Theatre, message: JsonObject): Promise<JsonValue> {
  const { run, task, mapIndex } = instanceIn(theatre, message);
  const actor = textIn(message, 'actor');
  await theatre.commands.respond({
    dagId: run.dag.dagId,
    runId: run.runId,
    taskId: task.taskId,
    ...(mapIndex < 0 ? {} : { mapIndex }),
    ...(actor === '' ? {} : { actor }),
    response: {
      chosenOptions: listIn(message, 'chosen_options').map(String),
      paramsJson: jsonIn(message, 'params'),
    },
  });
  return {};
}

function updateAsset(theatre: Theatre, message: JsonObject): JsonValue {
  const [assetName, assetUri] = [textIn(message, 'name'), textIn(message, 'uri')];
  if (assetName === '' && assetUri === '') throw fail('bad_request', 'name the asset, or its uri');
  const partitionKey = textIn(message, 'partition_key');
  const extraJson = jsonIn(message, 'extra');
  theatre.commands.updateAsset({ assetName, assetUri, extraJson, partitionKey });
  return {};
}

function explain(theatre: Theatre, message: JsonObject): JsonValue {
  const instance = instanceIn(theatre, message);
  return { task: nameOf(instance), summary: whyWaiting(theatre.simulation, instance) };
}

function runIn({ simulation }: Theatre, message: JsonObject): Run {
  const ids = { dagId: textIn(message, 'dag_id'), runId: textIn(message, 'run_id') };
  return findRun(simulation, ids);
}

function instanceIn(theatre: Theatre, message: JsonObject) {
  return findInstance(runIn(theatre, message), textIn(message, 'task'));
}

function told({ simulation, memory }: Theatre, run: Run): JsonObject {
  return toldRun(simulation, memory, run);
}
