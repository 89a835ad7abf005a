// A DAG written in YAML: one document of a file.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { isMap, type Node } from 'yaml';
import { type DagSpec, DagSpecSchema, type ParamSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { instant, span, text, texts, whole, yesOrNo } from './yaml-fields.ts';
import {
  blame,
  type Entry,
  type Field,
  hasKey,
  jsonText,
  readEntries,
  readMapping,
  type Reading,
  scalarOf,
  type Values,
} from './yaml-reader.ts';
import { DEFAULT_ARGS, type DefaultArgs, readTask } from './yaml-task.ts';

type TimetableInit = MessageInitShape<typeof TimetableSchema>;
type ParamInit = MessageInitShape<typeof ParamSpecSchema>;

const CRON_SCHEDULE = { cron: text, timezone: text, data_interval: yesOrNo };
const DELTA_SCHEDULE = { every: span, data_interval: yesOrNo };

/** `"@daily"`, `"0 6 * * *"`, `"@once"`, or a mapping with the keys above. */
const schedule: Field<TimetableInit> = (node, what, reading): TimetableInit => {
  const written = scalarOf(node, reading);
  if (written === '@once') return { kind: { case: 'once', value: {} } };
  if (typeof written === 'string') return cronTimetable({ cron: written });
  if (!hasKey(node, 'every', reading)) {
    return cronTimetable(readMapping(node, CRON_SCHEDULE, { what, reading }));
  }
  const { every, data_interval } = readMapping(node, DELTA_SCHEDULE, { what, reading });
  return { kind: { case: 'delta', value: { delta: every, dataInterval: data_interval } } };
};

function cronTimetable(written: Values<typeof CRON_SCHEDULE>): TimetableInit {
  const { cron, timezone, data_interval } = written;
  const value = { expression: cron, timezone, dataInterval: data_interval };
  return { kind: { case: 'cron', value } };
}

/** A plain default, or a JSON Schema with `default` and `description` in it. */
const params: Field<ParamInit[]> = (node, what, reading) =>
  readEntries(node, what, reading)?.map((entry) => readParam(entry, what, reading));

function readParam({ key, value }: Entry, what: string, reading: Reading): ParamInit {
  if (value === undefined) return { name: key, defaultJson: 'null' };
  if (!isMap<Node, Node>(value)) {
    return { name: key, defaultJson: jsonText(value, `"${key}" in ${what}`, reading) };
  }
  const initial = value.get('default', true);
  const description = value.get('description');
  const schema = value.clone();
  if (!isMap(schema)) return { name: key };
  schema.delete('default');
  schema.delete('description');
  return {
    name: key,
    defaultJson: initial === undefined ? '' : jsonText(initial, `the default of "${key}"`, reading),
    schemaJson:
      schema.items.length === 0 ? '' : jsonText(schema, `the schema of "${key}"`, reading),
    description: typeof description === 'string' ? description : '',
  };
}

const defaultArgs: Field<DefaultArgs> = (node, what, reading) =>
  readMapping(node, DEFAULT_ARGS, { what, reading });

const tasks: Field<Entry[]> = (node, what, reading) => readEntries(node, what, reading);

const DAG = {
  dag_id: text,
  description: text,
  doc_md: text,
  schedule,
  start_date: instant,
  end_date: instant,
  catchup: yesOrNo,
  max_active_runs: whole(1),
  max_active_tasks: whole(1),
  dagrun_timeout: span,
  params,
  tags: texts,
  is_paused_upon_creation: yesOrNo,
  owner: text,
  default_args: defaultArgs,
  tasks,
};

/**
 * Reads a document; undefined when it is no DAG: a mapping without `dag_id` and `tasks` is somebody
 * else's.
 */
export function readYamlDag(reading: Reading): DagSpec | undefined {
  const root = reading.document.contents;
  if (!isMap<Node, Node>(root) || (!root.has('dag_id') && !root.has('tasks'))) return undefined;
  const values = readMapping(root, DAG, { what: 'the DAG', reading });
  if (values.dag_id === undefined && !root.has('dag_id')) {
    return blame(reading, root, 'the DAG has tasks but no dag_id; give it one');
  }
  return create(DagSpecSchema, {
    dagId: values.dag_id,
    description: values.description,
    docMd: values.doc_md,
    timetable: values.schedule,
    startDate: values.start_date,
    endDate: values.end_date,
    catchup: values.catchup,
    activeRunsMax: values.max_active_runs,
    activeTasksMax: values.max_active_tasks,
    dagrunTimeout: values.dagrun_timeout,
    params: values.params,
    tags: values.tags,
    isPausedUponCreation: values.is_paused_upon_creation,
    owner: values.owner,
    tasks: values.tasks?.map((entry) => readTask(entry, values.default_args ?? {}, reading)),
  });
}
