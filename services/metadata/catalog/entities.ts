// The catalog's tables as TypeORM sees them: schemas without decorators; the migrations are what
// makes the tables.
import { EntitySchema } from 'typeorm';

/** A row of dag_file. */
export type DagFileRow = {
  path: string;
  digest: string;
  error: string;
  parsedAt: Date;
};

/** A row of dag_version; `id` is a bigint as text. */
export type DagVersionEntity = {
  id: string;
  dagId: string;
  versionNumber: number;
  spec: Buffer;
  digest: Buffer;
  dagFile: string;
  description: string;
  schedule: string;
  owner: string;
  tags: string[];
  tasksCount: number;
  bundleName: string;
  bundleVersion: string;
  isContinuous: boolean;
};

/** A row of dag. */
export type DagEntity = {
  dagId: string;
  partition: number;
  dagVersionId: string;
  dagFile: string;
  isPaused: boolean;
  isActive: boolean;
};

/** A row of connection; password and extra are sealed. */
export type ConnectionEntity = {
  connId: string;
  connType: string;
  host: string;
  schema: string;
  login: string;
  port: number;
  description: string;
  password: Buffer | null;
  extra: Buffer | null;
  updatedAt: Date;
};

/** A row of variable; one of value and secretValue is null. */
export type VariableEntity = {
  key: string;
  description: string;
  isSecret: boolean;
  value: string | null;
  secretValue: Buffer | null;
  updatedAt: Date;
};

/** A row of audit_log, as it is written. */
export type AuditEntity = {
  actor: string;
  action: string;
  dagId: string;
  runId: string;
  taskId: string;
  detailsJson: string;
};

export const DagFile = new EntitySchema<DagFileRow>({
  name: 'dag_file',
  columns: {
    path: { type: 'text', primary: true },
    digest: { type: 'text' },
    error: { type: 'text' },
    parsedAt: { type: 'timestamptz', name: 'parsed_at' },
  },
});

export const DagVersion = new EntitySchema<DagVersionEntity>({
  name: 'dag_version',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    dagId: { type: 'text', name: 'dag_id' },
    versionNumber: { type: 'integer', name: 'version_number' },
    spec: { type: 'bytea' },
    digest: { type: 'bytea' },
    dagFile: { type: 'text', name: 'dag_file' },
    description: { type: 'text' },
    schedule: { type: 'text' },
    owner: { type: 'text' },
    tags: { type: 'text', array: true },
    tasksCount: { type: 'integer', name: 'tasks_count' },
    bundleName: { type: 'text', name: 'bundle_name' },
    bundleVersion: { type: 'text', name: 'bundle_version' },
    isContinuous: { type: 'boolean', name: 'is_continuous' },
  },
});

export const Dag = new EntitySchema<DagEntity>({
  name: 'dag',
  columns: {
    dagId: { type: 'text', primary: true, name: 'dag_id' },
    partition: { type: 'smallint' },
    dagVersionId: { type: 'bigint', name: 'dag_version_id' },
    dagFile: { type: 'text', name: 'dag_file' },
    isPaused: { type: 'boolean', name: 'is_paused' },
    isActive: { type: 'boolean', name: 'is_active' },
  },
});

export const Connection = new EntitySchema<ConnectionEntity>({
  name: 'connection',
  columns: {
    connId: { type: 'text', primary: true, name: 'conn_id' },
    connType: { type: 'text', name: 'conn_type' },
    host: { type: 'text' },
    schema: { type: 'text' },
    login: { type: 'text' },
    port: { type: 'integer' },
    description: { type: 'text' },
    password: { type: 'bytea', nullable: true },
    extra: { type: 'bytea', nullable: true },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

export const Variable = new EntitySchema<VariableEntity>({
  name: 'variable',
  columns: {
    key: { type: 'text', primary: true },
    description: { type: 'text' },
    isSecret: { type: 'boolean', name: 'is_secret' },
    value: { type: 'text', nullable: true },
    secretValue: { type: 'bytea', name: 'secret_value', nullable: true },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

export const AuditLog = new EntitySchema<AuditEntity & { id: string }>({
  name: 'audit_log',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    actor: { type: 'text' },
    action: { type: 'text' },
    dagId: { type: 'text', name: 'dag_id' },
    runId: { type: 'text', name: 'run_id' },
    taskId: { type: 'text', name: 'task_id' },
    detailsJson: { type: 'text', name: 'details_json' },
  },
});

export const ENTITIES = [DagFile, DagVersion, Dag, Connection, Variable, AuditLog];
