// `npm start`: everything on one machine, for a newcomer's first minute and for small
// installations.
import { openSync } from 'node:fs';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import { endProgram, type FirstSignal, firstSignal } from '#kernel/lifecycle/lifecycle.ts';
import { createLog } from '#kernel/log/log.ts';
import { openEdge } from '#kernel/rpc/edge-client.ts';
import { step } from '../../deploy/launch/steps.mjs';
import { type Home, HomeTakenError, openHome } from './home.ts';
import { parseOptions, type StandaloneOptions, UsageError, usage } from './options.ts';
import { createProgress } from './progress.ts';
import { prepareShowcase, reportChart, runShowcase } from './showcase.ts';
import { createStandalone, type Doors } from './standalone.ts';
import { welcome } from './welcome.ts';

/** Exit codes: 0 stopped or demo succeeded, 1 something failed, 2 usage, 3 the folder is taken. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const home = openHome(options.home);
  const log = createLog('standalone', 'info', openSync(home.serviceLog, 'a'));
  const signal = firstSignal();
  const standalone = createStandalone({ options, home, log });
  try {
    const started = await Promise.race([standalone.start(), signal.fired]);
    if (typeof started === 'string') return 0;
    process.stderr.write(welcome(started, home));
    return await live({ options, home, doors: started, signal });
  } finally {
    await step('stopping', async () => {
      await standalone.stop();
      home.release();
      return 'stopped';
    });
  }
}

/** Runs the showcase if wanted, and stays up until a signal; a demo ends with its showcase. */
async function live(input: {
  readonly options: StandaloneOptions;
  readonly home: Home;
  readonly doors: Doors;
  readonly signal: FirstSignal;
}): Promise<number> {
  const { options, signal } = input;
  if (options.hasShowcase) {
    const succeeded = await showcase(input);
    if (signal.aborted.aborted) return options.isDemo ? 1 : 0;
    if (options.isDemo) return succeeded ? 0 : 1;
  }
  await signal.fired;
  return 0;
}

async function showcase(input: {
  readonly home: Home;
  readonly doors: Doors;
  readonly signal: FirstSignal;
}): Promise<boolean> {
  const { home, doors, signal } = input;
  const edge = openEdge({ url: doors.apiUrl, token: doors.adminToken });
  const clients = {
    dags: edge.client(DagService),
    runs: edge.client(DagRunService),
    connections: edge.client(ConnectionService),
    variables: edge.client(VariableService),
  };
  const progress = createProgress('showcase');
  try {
    await prepareShowcase(clients, {
      port: doors.postgresPort,
      password: home.secrets.showcasePassword,
      reportFolder: home.reports,
    });
    const ran = await runShowcase({
      clients,
      clock: systemClock,
      signal: signal.aborted,
      onProgress: progress.show,
    });
    progress.end(`${ran}; report in ${reportChart(home.reports)}`);
    return true;
  } catch (error) {
    progress.end(signal.aborted.aborted ? 'interrupted' : `failed: ${messageOf(error)}`);
    return false;
  } finally {
    edge.close();
  }
}

main(process.argv.slice(2)).then(
  (code) => endProgram(code),
  (error: unknown) => {
    if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${usage}`);
    else process.stderr.write(`${messageOf(error)}\n`);
    endProgram(error instanceof UsageError ? 2 : error instanceof HomeTakenError ? 3 : 1);
  },
);
