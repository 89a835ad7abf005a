// The variables every service shares: where it listens, and what binds it to its mesh.
import { type ConfigOf, optionalText, parsed, text, whole } from '../config/config.ts';
import { timingConfig } from '../config/timing.ts';
import type { LogLevel } from '../log/log.ts';

/** Where one service listens and is found. */
export type BindConfig = {
  /** Interface it binds to. */
  readonly host: string;
  /** Port of its gRPC door; 0 takes a free one. */
  readonly port: number;
  /** Port of /metrics and /healthz. */
  readonly metricsPort: number;
  /** host:port others reach it at; undefined means host and port as they are. */
  readonly advertiseAddress: string | undefined;
};

/**
 * The variables of a service's own doors: `bindConfig('scheduler', 7102)` reads
 * DAGMESH_SCHEDULER_PORT and its like.
 */
export function bindConfig(name: string, defaultPort: number) {
  const prefix = `DAGMESH_${name.toUpperCase().replaceAll('-', '_')}`;
  const ports = { min: 0, max: 65_535 };
  return {
    host: text('DAGMESH_HOST', { default: '127.0.0.1', why: 'Interface the doors bind to.' }),
    port: whole(`${prefix}_PORT`, {
      ...ports,
      default: defaultPort,
      why: `Port at which ${name} serves gRPC.`,
    }),
    metricsPort: whole(`${prefix}_METRICS_PORT`, {
      ...ports,
      default: defaultPort + 100,
      why: `Port of ${name}'s /metrics and /healthz.`,
    }),
    advertiseAddress: optionalText('DAGMESH_ADVERTISE_ADDRESS', {
      why: 'host:port at which others reach this service, when it is not host and port.',
    }),
  };
}

/** The address others reach a service at. */
export function advertisedAddress(config: BindConfig): string {
  return config.advertiseAddress ?? `${config.host}:${config.port}`;
}

/** Shortest cluster key that is accepted, in characters. */
const CLUSTER_KEY_LENGTH_MIN = 16;

/** What binds a program to its mesh. */
export const meshConfig = {
  clusterKey: parsed(
    text('DAGMESH_CLUSTER_KEY', {
      secret: true,
      why: 'By it services know one another; make one for all with `openssl rand -base64 32`.',
    }),
    (raw) => {
      if (raw.length >= CLUSTER_KEY_LENGTH_MIN) return raw;
      throw new Error(`is shorter than ${CLUSTER_KEY_LENGTH_MIN} characters`);
    },
  ),
  natsUrl: optionalText('NATS_URL', {
    secret: true,
    why: 'Where nats-server is, e.g. nats://token@127.0.0.1:4222; without it work is polled.',
  }),
  logLevel: parsed(
    text('DAGMESH_LOG_LEVEL', { default: 'info', why: 'How much is logged.' }),
    (raw): LogLevel => {
      const level = LOG_LEVELS.find((each) => each === raw);
      if (level !== undefined) return level;
      throw new Error(`is none of ${LOG_LEVELS.join(', ')}`);
    },
  ),
  ...timingConfig,
};

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** The values that bind a program to its mesh, with its timing. */
export type MeshConfig = ConfigOf<typeof meshConfig>;
