// Colour for states, where colour is wanted.
import { styleText } from 'node:util';

/** Paints a text; the identity when colour is off. */
export type Paint = (text: string, colour: Colour) => string;

/** The few colours in use; each means one thing everywhere. */
export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'magenta' | 'gray' | 'bold';

/** Colour on: SGR escapes, whatever the stream is. */
export const colourful: Paint = (text, colour) =>
  styleText(colour, text, { validateStream: false });

/** Colour off. */
export const plain: Paint = (text) => text;

/** The colour of a state, by its name in lower case; undefined for states that need none. */
export function stateColour(state: string): Colour | undefined {
  return STATE_COLOURS.get(state);
}

const STATE_COLOURS: ReadonlyMap<string, Colour> = new Map([
  ['success', 'green'],
  ['active', 'green'],
  ['failed', 'red'],
  ['upstream_failed', 'red'],
  ['lost', 'red'],
  ['running', 'cyan'],
  ['restarting', 'cyan'],
  ['queued', 'yellow'],
  ['scheduled', 'yellow'],
  ['up_for_retry', 'yellow'],
  ['up_for_reschedule', 'yellow'],
  ['draining', 'yellow'],
  ['suspect', 'yellow'],
  ['deferred', 'magenta'],
  ['awaiting_input', 'magenta'],
  ['paused', 'magenta'],
  ['skipped', 'gray'],
  ['removed', 'gray'],
  ['cancelled', 'gray'],
  ['rejected', 'gray'],
  ['none', 'gray'],
]);
