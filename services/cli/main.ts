// `dagmesh`: reads the command line, runs the command, leaves with a telling exit code.
import { systemClock } from '#kernel/clock/clock.ts';
import { readConfig } from '#kernel/config/config.ts';
import { onStopSignal } from '#kernel/lifecycle/stop-signal.ts';
import { type Api, createApi } from './api.ts';
import type { Action } from './command.ts';
import { COMMANDS } from './commands.ts';
import { type CliConfig, cliConfig } from './config.ts';
import { visibleLines } from './core/escape.ts';
import { EXIT } from './core/exit-code.ts';
import { findDoor } from './door.ts';
import { describeFailure } from './failure.ts';
import { buildProgram, type GlobalOptions } from './program.ts';
import { openScreen } from './screen.ts';

const interruption = new AbortController();
let isUnread = false;

onStopSignal(() => interruption.abort());
// `dagmesh … | head`: the reader has had enough, which is no failure.
process.stdout.on('error', () => {
  isUnread = true;
  interruption.abort();
});

const perform = async (action: Action, options: GlobalOptions): Promise<void> => {
  const config = readConfig<CliConfig>(cliConfig);
  const { signal } = interruption;
  let api: Api | undefined;
  const exitCode = await action({
    // Starting a service needs no api, so it is looked for when a command reaches for it.
    get api() {
      api ??= createApi({ ...findDoor(config, options), signal });
      return api;
    },
    screen: openScreen({
      format: options.json ? 'json' : options.output,
      colour: options.color && config.noColor === undefined,
    }),
    clock: systemClock,
    signal,
  });
  process.exitCode = exitCode ?? EXIT.ok;
};

try {
  await buildProgram(COMMANDS, perform).parseAsync();
} catch (error) {
  const failure = describeFailure(error);
  if (isUnread) process.exitCode = EXIT.ok;
  else if (interruption.signal.aborted) process.exitCode = EXIT.interrupted;
  else {
    process.exitCode = failure.exitCode;
    if (failure.text !== '') process.stderr.write(`${visibleLines(failure.text)}\n`);
    if (readConfig<CliConfig>(cliConfig).debug !== undefined) console.error(error);
  }
}
