// Reads one TypeScript DAG file by importing it, which runs its code: so a program of its own.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { answerDags, answerError } from './answer.ts';
import { describeError } from './author-error.ts';
import { takeOrder } from './order.ts';

const SDK = '@dagmesh/sdk';

// Loaded while we may still read Node's cache of compiled code; most files will ask for this very
// one.
await import(SDK).catch(() => undefined);
const order = takeOrder();
const fail = (error: unknown) => answerError(describeError(error, order));
process.on('uncaughtException', fail);

// DAG files find the SDK that is installed beside them, else the one this mesh comes with. Which it
// was is remembered, because a DAG can only be collected by the very SDK it was declared with.
let sdkUrl: string | undefined;
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== SDK) return nextResolve(specifier, context);
    const resolved = resolveSdk(() => nextResolve(specifier, context));
    sdkUrl ??= resolved.url;
    return resolved;

    function resolveSdk(beside: () => ReturnType<typeof nextResolve>) {
      try {
        return beside();
      } catch {
        return nextResolve(specifier, { ...context, parentURL: import.meta.url });
      }
    }
  },
});

try {
  const module: unknown = await import(pathToFileURL(order.file).href);
  answerDags(await dagsOf(module));
} catch (error) {
  fail(error);
}

async function dagsOf(module: unknown): Promise<readonly DagSpec[]> {
  // A file that never asked for the SDK can have no DAGs.
  if (sdkUrl === undefined) return [];
  const sdk: { readonly collectDags?: unknown } = await import(sdkUrl);
  if (typeof sdk.collectDags !== 'function') {
    throw new Error(`the ${SDK} found beside the file has no collectDags; install a newer one`);
  }
  return sdk.collectDags(module, { file: order.path });
}
