// Every command there is, in the order of --help. A new one costs its file and a line here.
import type { RegisteredCommand } from './command.ts';
import { createToken, revokeToken } from './commands/auth/token.ts';
import { whoami } from './commands/auth/whoami.ts';
import { completion } from './commands/completion.ts';
import { getConnection, listConnections } from './commands/connections/read.ts';
import { addConnection, deleteConnection, setConnection } from './commands/connections/write.ts';
import { listErrors } from './commands/dags/errors.ts';
import { listDags } from './commands/dags/list.ts';
import { pauseDag, unpauseDag } from './commands/dags/pause.ts';
import { showDag } from './commands/dags/show.ts';
import { triggerDag } from './commands/dags/trigger.ts';
import { listPools } from './commands/pools/list.ts';
import { deletePool, setPool } from './commands/pools/write.ts';
import { cancelRun } from './commands/runs/cancel.ts';
import { listRuns } from './commands/runs/list.ts';
import { showRun } from './commands/runs/show.ts';
import { waitForRun } from './commands/runs/wait.ts';
import { startServices } from './commands/services/start.ts';
import { startWorker } from './commands/services/worker.ts';
import { clearTasks } from './commands/tasks/clear.ts';
import { explainTask } from './commands/tasks/explain.ts';
import { listTasks } from './commands/tasks/list.ts';
import { readLogs } from './commands/tasks/logs.ts';
import { showTask } from './commands/tasks/show.ts';
import { getVariable, listVariables } from './commands/variables/read.ts';
import { deleteVariable, setVariable } from './commands/variables/write.ts';
import { showVersion } from './commands/version.ts';
import { drainWorker } from './commands/workers/drain.ts';
import { listWorkers } from './commands/workers/list.ts';

/** The commands. */
export const COMMANDS: readonly RegisteredCommand[] = [
  listDags,
  showDag,
  triggerDag,
  pauseDag,
  unpauseDag,
  listErrors,
  listRuns,
  showRun,
  waitForRun,
  cancelRun,
  listTasks,
  showTask,
  readLogs,
  clearTasks,
  explainTask,
  listConnections,
  getConnection,
  addConnection,
  setConnection,
  deleteConnection,
  listVariables,
  getVariable,
  setVariable,
  deleteVariable,
  listPools,
  setPool,
  deletePool,
  listWorkers,
  drainWorker,
  whoami,
  createToken,
  revokeToken,
  ...startServices,
  startWorker,
  showVersion,
  completion,
];
