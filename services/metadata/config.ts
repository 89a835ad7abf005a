// The environment of the metadata service: where it listens, its database, the keys of its secrets.
import { parsed, text } from '#kernel/config/config.ts';
import { type BindConfig, bindConfig } from '#kernel/service/service-config.ts';
import { KEY_BYTES } from './secrets/sealer.ts';

/** What the metadata service is told. */
export type MetadataConfig = BindConfig & {
  /** A `postgres://` URL. */
  readonly databaseUrl: string;
  /** Keys of 32 bytes that seal secrets, newest first. */
  readonly secretKeys: readonly Buffer[];
};

/** The variable that names the database; migrations need no other. */
export const databaseConfig = {
  databaseUrl: parsed(
    text('DAGMESH_DATABASE_URL', {
      secret: true,
      why: 'Where PostgreSQL is, e.g. postgres://user:password@127.0.0.1:5432/dagmesh.',
    }),
    (raw) => {
      if (/^postgres(ql)?:\/\//.test(raw)) return raw;
      throw new Error('is not a postgres:// URL');
    },
  ),
};

export const metadataConfig = {
  ...bindConfig('metadata', 7101),
  ...databaseConfig,
  secretKeys: parsed(
    text('DAGMESH_SECRET_KEY', {
      secret: true,
      why:
        'Keys that encrypt passwords and secret variables: base64 of 32 bytes each, separated by ' +
        'commas (`openssl rand -base64 32`). The first encrypts, all decrypt.',
    }),
    readKeys,
  ),
};

function readKeys(raw: string): readonly Buffer[] {
  return raw.split(',').map((part) => {
    const key = Buffer.from(part.trim(), 'base64');
    if (key.length === KEY_BYTES) return key;
    throw new Error(`holds a key that is not base64 of ${KEY_BYTES} bytes`);
  });
}
