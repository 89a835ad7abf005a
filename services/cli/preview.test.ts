// Changes ask people first: nothing is changed before a yes, and never in a dry run.
import { systemClock } from '#kernel/clock/clock.ts';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { plain } from './core/paint.ts';
import { previewed } from './preview.ts';
import type { Screen } from './screen.ts';

/** Tries to change so many things, and notes what is called and what is asked. */
async function change(given: {
  readonly things: number;
  /** How many more are listed, though they stay as they are. */
  readonly kept?: number;
  readonly says?: 'yes' | 'no';
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}) {
  const calls: ('dry' | 'real')[] = [];
  const questions: string[] = [];
  const said: string[] = [];
  const shown: number[] = [];
  const screen: Screen = {
    format: 'table',
    paint: plain,
    isInteractive: given.says !== undefined,
    isLive: false,
    redraw: () => undefined,
    print: () => undefined,
    say: (text) => void said.push(text),
    confirm: async (question) => {
      questions.push(question);
      return given.says === 'yes';
    },
  };
  // What has no `api` cannot reach for it.
  const context = { screen, clock: systemClock, signal: new AbortController().signal } as Context;
  const exitCode = await previewed(context, {
    options: { dryRun: given.dryRun ?? false, yes: given.yes ?? false },
    call: async (dryRun) => {
      calls.push(dryRun ? 'dry' : 'real');
      return given.things;
    },
    show: (things) => void shown.push(things),
    lines: (things) => Array.from({ length: things + (given.kept ?? 0) }, (_, n) => `thing ${n}`),
    count: (things) => things,
    question: (things) => `Change ${things}?`,
    done: (things) => `Changed ${things}.`,
    nothing: 'All is so already.',
  });
  return { exitCode, calls, questions, shown, said: said.join('\n') };
}

describe('a change', () => {
  test('is made after a yes', async () => {
    const { exitCode, calls, questions, said } = await change({ things: 2, says: 'yes' });
    expect({ exitCode, calls }).toEqual({ exitCode: 0, calls: ['dry', 'real'] });
    expect(questions).toEqual(['Change 2?']);
    expect(said).toContain('thing 1\nChanged 2.');
  });

  test('is not made after a no', async () => {
    const { exitCode, calls } = await change({ things: 2, says: 'no' });
    expect({ exitCode, calls }).toEqual({ exitCode: 1, calls: ['dry'] });
  });

  test('of nothing asks nothing', async () => {
    const { exitCode, calls, questions, said } = await change({ things: 0, says: 'yes' });
    expect({ calls, questions }).toEqual({ calls: ['dry'], questions: [] });
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: 'All is so already.' });
  });

  test('of nothing is said to be one with --yes, too', async () => {
    const { exitCode, said } = await change({ things: 0, yes: true });
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: 'All is so already.' });
  });

  test('is only shown in a dry run, even with --yes', async () => {
    const { exitCode, calls } = await change({ things: 2, dryRun: true, yes: true });
    expect({ exitCode, calls }).toEqual({ exitCode: 0, calls: ['dry'] });
  });

  test('of nothing shows in a dry run what stays as it is, and why', async () => {
    expect((await change({ things: 0, kept: 3, dryRun: true })).shown).toEqual([0]);
    expect((await change({ things: 0, dryRun: true })).shown).toEqual([]);
  });

  test('of very many things names the first of them', async () => {
    const { said } = await change({ things: 60, says: 'yes' });
    expect(said).toContain('thing 49\n  … and 10 more');
  });
});
