// Reading the environment: what is allowed, and what an operator is told when it is not.
import { describe, expect, it } from 'vitest';
import { flag, list, optionalText, parsed, readConfig, text, whole } from './config.ts';

const port = whole('X_PORT', { default: 7100, min: 1, max: 65_535, why: 'Where it listens.' });
const key = text('X_KEY', { why: 'Signs tokens.', secret: true });

describe('configuration', () => {
  it('takes defaults where nothing is set, and what is empty is not set', () => {
    const spec = {
      port,
      folder: text('X_FOLDER', { default: 'dags', why: 'Where DAGs are.' }),
      url: optionalText('X_URL', { why: 'Where NATS is.' }),
      isFast: flag('X_FAST', { default: false, why: 'For tests.' }),
      queues: list('X_QUEUES', { default: ['default'], why: 'What is served.' }),
    };
    expect(readConfig(spec, { X_PORT: '  ', X_URL: '' })).toEqual({
      port: 7100,
      folder: 'dags',
      url: undefined,
      isFast: false,
      queues: ['default'],
    });
  });

  it('reads what is set', () => {
    const spec = {
      port,
      isFast: flag('X_FAST', { default: false, why: 'For tests.' }),
      queues: list('X_QUEUES', { default: [], why: 'What is served.' }),
    };
    expect(readConfig(spec, { X_PORT: '80', X_FAST: 'Yes', X_QUEUES: ' a, b ,,' })).toEqual({
      port: 80,
      isFast: true,
      queues: ['a', 'b'],
    });
  });

  it('refuses a number that is none, or not within its limits', () => {
    for (const bad of ['80a', '1.5', '0', '65536', '1e3', '0x50']) {
      expect(() => readConfig({ port }, { X_PORT: bad })).toThrow(
        `X_PORT is "${bad}"; it must be a whole number from 1 to 65535. Where it listens.`,
      );
    }
  });

  it('names every bad variable at once', () => {
    expect(() => readConfig({ port, key }, { X_PORT: 'x' })).toThrow(
      /X_PORT is "x".*\n.*X_KEY is not set/,
    );
  });

  it('never shows the value of a secret', () => {
    const long = parsed(key, (raw) => {
      throw new Error(`${raw} is too short`);
    });
    const read = () => readConfig({ long }, { X_KEY: 'hunter2' });
    expect(read).toThrow('X_KEY has a value that is not allowed');
    expect(read).not.toThrow('hunter2');
  });
});
