// Every command there is, in the order of --help. A new one costs its file and a line here.
import type { RegisteredCommand } from './command.ts';
import { listCallbacks } from './commands/alerts/callbacks.ts';
import { listDeadlines } from './commands/alerts/deadlines.ts';
import { listSlaMisses } from './commands/alerts/sla-misses.ts';
import { emitEvent, listEvents } from './commands/assets/events.ts';
import { listAssets } from './commands/assets/list.ts';
import { materializeAsset } from './commands/assets/materialize.ts';
import { queuedEvents } from './commands/assets/queued.ts';
import { showAsset } from './commands/assets/show.ts';
import { createToken, revokeToken } from './commands/auth/token.ts';
import { whoami } from './commands/auth/whoami.ts';
import { cancelBackfill, pauseBackfill, unpauseBackfill } from './commands/backfill/change.ts';
import { createBackfill } from './commands/backfill/create.ts';
import { listBackfills } from './commands/backfill/list.ts';
import { showBackfill } from './commands/backfill/show.ts';
import { completion } from './commands/completion.ts';
import { getConnection, listConnections } from './commands/connections/read.ts';
import { addConnection, deleteConnection, setConnection } from './commands/connections/write.ts';
import { listErrors } from './commands/dags/errors.ts';
import { explainDag } from './commands/dags/explain.ts';
import { listDags } from './commands/dags/list.ts';
import { nextExecution } from './commands/dags/next.ts';
import { pauseDag, unpauseDag } from './commands/dags/pause.ts';
import { reparseDag } from './commands/dags/reparse.ts';
import { showDag } from './commands/dags/show.ts';
import { listVersions } from './commands/dags/versions.ts';
import { listInputs } from './commands/inputs/list.ts';
import { respondInput } from './commands/inputs/respond.ts';
import { showInput } from './commands/inputs/show.ts';
import { pauseKey, unpauseKey } from './commands/keys/pause.ts';
import { listPools } from './commands/pools/list.ts';
import { deletePool, setPool } from './commands/pools/write.ts';
import { cancelRun } from './commands/runs/cancel.ts';
import { clearRun } from './commands/runs/clear.ts';
import { listRuns } from './commands/runs/list.ts';
import { markRun } from './commands/runs/mark.ts';
import { noteRun } from './commands/runs/note.ts';
import { showRun } from './commands/runs/show.ts';
import { triggerDag, triggerRun } from './commands/runs/trigger.ts';
import { waitForRun } from './commands/runs/wait.ts';
import { startServices } from './commands/services/start.ts';
import { startWorker } from './commands/services/worker.ts';
import { clearTasks } from './commands/tasks/clear.ts';
import { explainTask } from './commands/tasks/explain.ts';
import { listTasks } from './commands/tasks/list.ts';
import { readLogs } from './commands/tasks/logs.ts';
import { markTasks } from './commands/tasks/mark.ts';
import { noteTask } from './commands/tasks/note.ts';
import { showTask } from './commands/tasks/show.ts';
import { taskStates } from './commands/tasks/states.ts';
import { getVariable, listVariables } from './commands/variables/read.ts';
import { deleteVariable, setVariable } from './commands/variables/write.ts';
import { showVersion } from './commands/version.ts';
import { drainWorker } from './commands/workers/drain.ts';
import { listWorkers } from './commands/workers/list.ts';
import { getXCom, listXComs } from './commands/xcom/read.ts';
import { deleteXCom, setXCom } from './commands/xcom/write.ts';

/** The commands. */
export const COMMANDS: readonly RegisteredCommand[] = [
  listDags,
  showDag,
  triggerDag,
  pauseDag,
  unpauseDag,
  explainDag,
  nextExecution,
  listVersions,
  reparseDag,
  listErrors,
  listRuns,
  showRun,
  triggerRun,
  waitForRun,
  cancelRun,
  clearRun,
  markRun,
  noteRun,
  listTasks,
  showTask,
  taskStates,
  readLogs,
  explainTask,
  clearTasks,
  markTasks,
  noteTask,
  listXComs,
  getXCom,
  setXCom,
  deleteXCom,
  listInputs,
  showInput,
  respondInput,
  createBackfill,
  listBackfills,
  showBackfill,
  pauseBackfill,
  unpauseBackfill,
  cancelBackfill,
  listAssets,
  showAsset,
  listEvents,
  emitEvent,
  materializeAsset,
  queuedEvents,
  listDeadlines,
  listSlaMisses,
  listCallbacks,
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
  pauseKey,
  unpauseKey,
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
