// Executors announce themselves here; nothing is fenced by it.
import type { Database } from '../ledger/database/database.ts';
import { statementsOf } from '../ledger/database/statement.ts';

const sql = statementsOf('mesh', import.meta.url);
const BEAT = sql('beat_executor');
const RELEASE = sql('release_executor');

/** Announces an executor for `ttlMs` from now. */
export async function renewExecutor(
  database: Database,
  executor: { readonly executorId: string; readonly address: string; readonly ttlMs: number },
): Promise<void> {
  await database.run(BEAT, [executor.executorId, executor.address, executor.ttlMs]);
}

/** Withdraws an executor. */
export async function releaseExecutor(database: Database, executorId: string): Promise<void> {
  await database.run(RELEASE, [executorId]);
}
