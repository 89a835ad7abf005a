// `dagmesh`: reads the command line, runs the command, and leaves with an exit code that means something.
import { CommanderError } from 'commander';
import { systemClock } from '#kernel/clock/clock.ts';
import { readConfig } from '#kernel/config/config.ts';
import { onStopSignal } from '#kernel/lifecycle/stop-signal.ts';
import type { Action } from './command.ts';
import { COMMANDS } from './commands.ts';
import { type CliConfig, cliConfig } from './config.ts';
import { EXIT } from './core/exit-code.ts';
import { describeFailure } from './failure.ts';
import { buildProgram, type GlobalOptions } from './program.ts';
import { openScreen } from './screen.ts';
import { findDoor } from './door.ts';
import { createApi } from './api.ts';
