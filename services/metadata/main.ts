// The metadata service as a program: `main.ts` serves, `main.ts migrate` brings the database up to
// date and ends.
import { systemClock } from '#kernel/clock/clock.ts';
import { readConfig } from '#kernel/config/config.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import { refuseToStart } from '#kernel/lifecycle/lifecycle.ts';
import { createLog } from '#kernel/log/log.ts';
import { serveMain } from '#kernel/service/service.ts';
import { assembleMetadata } from './assemble.ts';
import { databaseConfig, metadataConfig } from './config.ts';
import { migrateWhenReachable } from './migrations/migrate-when-reachable.ts';

const [command, ...rest] = process.argv.slice(2);

if (command === undefined) {
  await serveMain({ name: 'metadata', config: metadataConfig, assemble: assembleMetadata });
} else if (command === 'migrate' && rest.length === 0) {
  await migrateOnce();
} else {
  refuseToStart('metadata: call it without arguments to serve, or with `migrate`');
}

async function migrateOnce(): Promise<void> {
  const log = createLog('metadata');
  try {
    const { databaseUrl } = readConfig(databaseConfig);
    const names = await migrateWhenReachable(databaseUrl, {
      clock: systemClock,
      signal: new AbortController().signal,
      onWait: (error) => log.warn({ reason: messageOf(error) }, 'database not reachable yet'),
    });
    log.info({ migrations: names }, 'database is up to date');
  } catch (error) {
    refuseToStart(`metadata: the database could not be migrated: ${messageOf(error)}`);
  }
}
