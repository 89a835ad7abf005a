// Changes that are shown before they are made: what it would be, a question, what it was.
import { flag } from './command.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './core/exit-code.ts';
import { shown } from './progress.ts';
import { isForPeople } from './screen.ts';

/** `--dry-run` and `--yes`, of every command that asks first. */
export const previewOptions = {
  dryRun: flag('--dry-run', 'change nothing, show what would be done'),
  yes: flag('-y, --yes', 'do not ask'),
};

/** What every such command says of itself in its --help. */
export const PREVIEW_ABOUT =
  'Shows what it is about and asks; --yes does not ask, --dry-run only shows.';

/** A change that can be tried out. */
export type Preview<Answer> = {
  readonly options: { readonly dryRun: boolean; readonly yes: boolean };
  /** Makes the change, or tries it out. */
  readonly call: (dryRun: boolean) => Promise<Answer>;
  /** Shows the answer as data. */
  readonly show: (answer: Answer) => void;
  /** What is about to be changed, a line each. */
  readonly lines: (answer: Answer) => readonly string[];
  /** How many things that are; without any there is nothing to ask. */
  readonly count: (answer: Answer) => number;
  /** What is asked about them. */
  readonly question: (answer: Answer) => string;
  /** What is said once it is done. */
  readonly done: (answer: Answer) => string;
  /** What is said when there is nothing to change. */
  readonly nothing?: string;
};

/** Most lines before a question; a person who needs more uses --dry-run. */
const LINES_MAX = 50;

/** Makes the change if nobody minds, and answers the exit code. */
export async function previewed<Answer>(
  context: Context,
  preview: Preview<Answer>,
): Promise<ExitCode> {
  const { screen, signal } = context;
  const { options, show, lines, count, nothing } = preview;
  const call = (dryRun: boolean): Promise<Answer> =>
    shown(context, dryRun ? 'Looking' : 'Working', preview.call(dryRun));
  if (options.dryRun) {
    const answer = await call(true);
    if (lines(answer).length > 0 || !isForPeople(screen)) show(answer);
    screen.say(`A dry run: nothing was changed; ${count(answer) || 'nothing'} would be.`);
    return EXIT.ok;
  }
  if (!options.yes) {
    if (!screen.isInteractive) {
      screen.say('This asks first, and nobody is here to answer: pass --yes or --dry-run.');
      return EXIT.usage;
    }
    const answer = await call(true);
    if (count(answer) === 0) {
      screen.say(nothing ?? 'Nothing was changed.');
      return EXIT.ok;
    }
    const all = lines(answer);
    screen.say(
      all
        .slice(0, LINES_MAX)
        .map((line) => `  ${line}`)
        .join('\n'),
    );
    if (all.length > LINES_MAX) screen.say(`  … and ${all.length - LINES_MAX} more`);
    if (!(await screen.confirm(preview.question(answer), signal))) {
      screen.say('Nothing was changed.');
      return EXIT.failed;
    }
  }
  const answer = await call(false);
  if (count(answer) > 0 || !isForPeople(screen)) show(answer);
  screen.say(count(answer) === 0 && nothing !== undefined ? nothing : preview.done(answer));
  return EXIT.ok;
}
