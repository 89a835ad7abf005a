#!/usr/bin/env node
// Starts a worker and ends it well: the first TERM or INT drains it, the second kills what runs.
import { statSync } from 'node:fs';
import { readCommand } from './config.ts';
import { createEvents } from './events.ts';
import { Worker } from './worker.ts';

const EXIT_USAGE = 2;

await main();

async function main(): Promise<void> {
  const command = commandOrExit();
  if (command.kind === 'help') {
    process.stdout.write(`${command.text}\n`);
    return;
  }
  const events = createEvents(command.config.workerId);
  const worker = new Worker(command.config, process.env, events);
  let signalsCount = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signalsCount += 1;
    if (signalsCount === 1) return worker.drain(signal);
    worker.kill();
    process.exit(1);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    await worker.run();
    process.exit(0);
  } catch (error) {
    events.failed(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

function commandOrExit() {
  try {
    const command = readCommand(process.argv.slice(2), process.env);
    if (command.kind === 'run') requireFolder(command.config.dagsFolder);
    return command;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_USAGE);
  }
}

function requireFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new Error(
    `${folder} is no folder; --dags (DAGMESH_DAGS_FOLDER) names the one with the DAG files`,
  );
}
