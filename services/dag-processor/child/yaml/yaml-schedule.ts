// When a YAML DAG runs: every kind of schedule, told by the key that it has.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  PartitionMapperKind,
  type PartitionMapperSchema,
  RunImmediately,
  type TimetableSchema,
} from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { wordsOf } from '../../core/enum-words.ts';
import { condition } from './yaml-assets.ts';
import { instant, span, text, texts, whole, wordOf, yesOrNo } from './yaml-fields.ts';
import { blame, type Field, isSequence, readMapping, scalarOf } from './yaml-reader.ts';
import { byKey, dictionary, listOf, record, textOr, under } from './yaml-shapes.ts';

type TimetableInit = MessageInitShape<typeof TimetableSchema>;
type MapperInit = MessageInitShape<typeof PartitionMapperSchema>;

type Immediately = {
  readonly runImmediately: RunImmediately;
  readonly runImmediatelyWithin?: ReturnType<typeof span>;
};

/** true, false, or how old the tick that just passed may be. */
const runImmediately: Field<Immediately> = (node, what, reading) => {
  const written = scalarOf(node, reading);
  if (written === true) return { runImmediately: RunImmediately.ALWAYS };
  if (written === false) return { runImmediately: RunImmediately.NEVER };
  const within = span(node, what, reading);
  return { runImmediately: RunImmediately.WITHIN, runImmediatelyWithin: within };
};

/** One expression, or several: their union. */
const cron = record(
  {
    cron: texts,
    timezone: text,
    data_interval: yesOrNo,
    look_back: span,
    run_immediately: runImmediately,
  },
  ({ cron: written = [], timezone, data_interval, look_back, run_immediately }): TimetableInit => {
    const [expression, ...others] = written;
    const shared = { timezone, lookBack: look_back, ...run_immediately };
    if (others.length > 0) {
      return { kind: { case: 'multipleCron', value: { ...shared, expressions: written } } };
    }
    const value = { ...shared, expression, dataInterval: data_interval };
    return { kind: { case: 'cron', value } };
  },
);

const STEPS = { data_interval: yesOrNo, look_back: span };

const every = record(
  { ...STEPS, every: span },
  ({ every: delta, data_interval, look_back }): TimetableInit => ({
    kind: { case: 'delta', value: { delta, dataInterval: data_interval, lookBack: look_back } },
  }),
);

const months = record(
  { ...STEPS, months: whole(1, 12_000) },
  ({ months: count, data_interval, look_back }): TimetableInit => ({
    kind: {
      case: 'delta',
      value: { months: count, dataInterval: data_interval, lookBack: look_back },
    },
  }),
);

const events = record(
  { events: listOf(instant), restrict_to_events: yesOrNo, description: text },
  ({ events: instants, restrict_to_events, description }): TimetableInit => ({
    kind: {
      case: 'events',
      value: { instants, restrictToEvents: restrict_to_events, description },
    },
  }),
);

const workdays = under(
  'workdays',
  textOr(
    (timezone) => ({ timezone }),
    record({ timezone: text, holidays: texts }, (values) => values),
  ),
  (value): TimetableInit => ({ kind: { case: 'workday', value } }),
);

const partitionCron = record(
  { partition_cron: text, timezone: text, run_offset: whole(-10_000, 10_000), key_format: text },
  ({ partition_cron: expression, timezone, run_offset, key_format }): TimetableInit => ({
    kind: {
      case: 'cronPartition',
      value: { expression, timezone, runOffset: run_offset, keyFormat: key_format },
    },
  }),
);

const mapperKind = wordOf(wordsOf(PartitionMapperKind));

/** The word for a kind of mapper, or all there is to say of it. Mappers may be made of mappers. */
const mapper: Field<MapperInit> = (node, what, reading) => {
  if (typeof scalarOf(node, reading) !== 'string') return wholeMapper(node, what, reading);
  return { kind: mapperKind(node, what, reading) };
};

const wholeMapper: Field<MapperInit> = record(
  {
    kind: mapperKind,
    input_format: text,
    output_format: text,
    constant_key: text,
    allowed_keys: texts,
    chain: listOf(mapper),
    timezone: text,
  },
  (values) => ({
    kind: values.kind,
    inputFormat: values.input_format,
    outputFormat: values.output_format,
    constantKey: values.constant_key,
    allowedKeys: values.allowed_keys,
    chain: values.chain,
    timezone: values.timezone,
  }),
);

const ASSETS = {
  assets: condition,
  time: (...time: Parameters<Field<TimetableInit>>) => schedule(...time),
  partitions: dictionary(mapper),
  default_partition: mapper,
};

/** Assets alone, with a schedule of `time` as well, or for each key of `partitions` by itself. */
const assets: Field<TimetableInit> = (node, what, reading) => {
  const values = readMapping(node, ASSETS, { what, reading });
  const { time, partitions: mappers, default_partition: defaultMapper } = values;
  const isPartitioned = mappers !== undefined || defaultMapper !== undefined;
  const shared = { condition: values.assets };
  if (isPartitioned && time !== undefined) {
    return blame(reading, node, `${what} has time and partitions; keep one of them`);
  }
  if (time !== undefined) return { kind: { case: 'assetOrTime', value: { ...shared, time } } };
  if (!isPartitioned) return { kind: { case: 'asset', value: shared } };
  return { kind: { case: 'partitionedAsset', value: { ...shared, mappers, defaultMapper } } };
};

const WORDS: Readonly<Record<string, TimetableInit>> = {
  '@once': { kind: { case: 'once', value: {} } },
  '@continuous': { kind: { case: 'continuous', value: {} } },
};

const KINDS = {
  cron,
  every,
  months,
  events,
  workdays,
  partition_cron: partitionCron,
  assets,
};

const byKind = byKey<TimetableInit>(KINDS);

/** A preset, a cron expression, a list of them, or a mapping with one of the keys above. */
export const schedule: Field<TimetableInit> = (node, what, reading) => {
  const written = scalarOf(node, reading);
  if (typeof written === 'string') return WORDS[written] ?? cronTimetable([written]);
  if (isSequence(node, reading)) return cronTimetable(texts(node, what, reading) ?? []);
  return byKind(node, what, reading);
};

function cronTimetable(expressions: readonly string[]): TimetableInit {
  const [expression, ...others] = expressions;
  if (others.length === 0) return { kind: { case: 'cron', value: { expression } } };
  return { kind: { case: 'multipleCron', value: { expressions: [...expressions] } } };
}
