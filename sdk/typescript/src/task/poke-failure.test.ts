// What a sensor does about a throw, row by row of Airflow's rules.
import { expect, test } from 'vitest';
import {
  reactionTo,
  reactionToTimeout,
  type SensorFlags,
  type SensorReaction,
  type Thrown,
} from './poke-failure.ts';

type Row = readonly [
  flags: readonly (keyof SensorFlags)[],
  thrown: Thrown,
  reaction: SensorReaction,
  afterDeferral: SensorReaction,
];

test.each<Row>([
  [[], 'skip', 'raise', 'raise'],
  [[], 'final', 'raise', 'raise'],
  [[], 'other', 'raise', 'raise'],
  [['softFail'], 'skip', 'raise', 'raise'],
  [['softFail'], 'final', 'skip', 'skip'],
  [['softFail'], 'other', 'raise', 'skip'],
  [['neverFail'], 'skip', 'raise', 'raise'],
  [['neverFail'], 'final', 'skip', 'skip'],
  [['neverFail'], 'other', 'skip', 'skip'],
  [['silentFail'], 'skip', 'raise', 'raise'],
  [['silentFail'], 'final', 'raise', 'raise'],
  [['silentFail'], 'other', 'go_on', 'raise'],
  [['silentFail', 'softFail'], 'final', 'skip', 'skip'],
  [['silentFail', 'softFail'], 'other', 'go_on', 'skip'],
  [['silentFail', 'neverFail'], 'final', 'skip', 'skip'],
  [['silentFail', 'neverFail'], 'other', 'go_on', 'skip'],
])('%j: %s → %s, after a deferral %s', (names, thrown, reaction, afterDeferral) => {
  expect(reactionTo(thrown, flagsOf(names), false)).toBe(reaction);
  expect(reactionTo(thrown, flagsOf(names), true)).toBe(afterDeferral);
});

test.each<readonly [readonly (keyof SensorFlags)[], SensorReaction]>([
  [[], 'raise'],
  [['softFail'], 'skip'],
  [['neverFail'], 'raise'],
  [['silentFail'], 'raise'],
])('%j: the timeout of the sensor itself → %s', (names, reaction) => {
  expect(reactionToTimeout(flagsOf(names))).toBe(reaction);
});

function flagsOf(names: readonly (keyof SensorFlags)[]): SensorFlags {
  const has = (name: keyof SensorFlags) => names.includes(name);
  return { softFail: has('softFail'), neverFail: has('neverFail'), silentFail: has('silentFail') };
}
