// A child: imports DAG files and runs the attempts its supervisor hands it, until the supervisor
// lets it go.
import { flushCompileCache } from 'node:module';
import type { FromChild, ToChild } from '../ipc.ts';
import { createCalls } from './calls.ts';
import { createLoader } from './loader.ts';
import { captureConsole } from './output.ts';
import { createRunner } from './runner.ts';

const EXIT_BROKEN = 70;
const EXIT_TERMINATED = 143;

let unsaid: FromChild[] = [];

captureConsole();
const calls = createCalls(say);
const runner = createRunner(createLoader(), calls, say);

process.on('message', (batch: readonly ToChild[]) => {
  for (const message of batch) hear(message);
});
// What an earlier task left behind has broken: nothing is lost with this child, and the next one is
// clean.
process.on('uncaughtException', (error) => {
  if (!runner.crash(error)) process.exit(EXIT_BROKEN);
});
// A task that watches its signal or has a handler of its own is given the grace to wind up; any
// other has nothing to do.
process.on('SIGTERM', () => {
  if (!runner.isListening() && process.listenerCount('SIGTERM') === 1)
    process.exit(EXIT_TERMINATED);
});
// Without its supervisor nobody can cancel or report what runs here: the whole group ends.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
say({ kind: 'ready' });
// A child that is killed writes nothing on its way out, so the next ones would compile everything
// again.
setImmediate(flushCompileCache);

/** Everything said within one turn of the event loop travels as one message. */
function say(message: FromChild): void {
  unsaid.push(message);
  if (unsaid.length > 1) return;
  queueMicrotask(() => {
    const batch = unsaid;
    unsaid = [];
    process.send?.(batch);
  });
}

function hear(message: ToChild): void {
  if (message.kind === 'run') runner.run(message.order);
  else if (message.kind === 'abort') runner.abort(message.seq, message.reason);
  else calls.answer(message.call, message.answer);
}
