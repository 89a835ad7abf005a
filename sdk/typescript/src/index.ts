// The SDK: declare DAGs, and what a task's code is written with.
export {
  type Asset,
  type AssetAlias,
  type AssetCondition,
  type AssetExpression,
  type AssetOptions,
  type AssetPort,
  type AssetRef,
  allOf,
  anyOf,
  asset,
  assetAlias,
  assetRef,
} from './author/asset.ts';
export {
  assetOrTime,
  mapper,
  type PartitionMapper,
  partitioned,
  type RollUpOptions,
  type ScheduleOption,
} from './author/asset-schedule.ts';
export type { DagBuilder, PartialTask } from './author/builder.ts';
export {
  type Callback,
  type CallbackBody,
  type CallbackOption,
  email,
  type Notifier,
  remoteCallback,
  webhook,
} from './author/callbacks.ts';
export { type CollectOptions, collectDags, type ModuleExports } from './author/collect.ts';
export { type Dag, dag } from './author/dag.ts';
export { DagError } from './author/dag-error.ts';
export type { DeadlineOptions, DeadlineReference } from './author/deadlines.ts';
export type { Duration } from './author/duration.ts';
export {
  chain,
  chainLinear,
  crossDownstream,
  type Label,
  label,
  type Link,
} from './author/edges.ts';
export type { TaskGroup } from './author/group.ts';
export type { GroupArgument } from './author/group-argument.ts';
export type { Approval, BranchQuestion, Question } from './author/human-input.ts';
export type { Instant } from './author/instant.ts';
export type { DagNode } from './author/node.ts';
export type {
  AllowedRunType,
  DagOptions,
  GroupOptions,
  KeyLimit,
  RemoteTaskOptions,
  TaskOptions,
  TriggerRuleName,
  WaitOptions,
  WeightRuleName,
} from './author/options.ts';
export { type Param, type ParamOptions, param } from './author/params.ts';
export {
  type FailureFilter,
  type FailureReasonName,
  failOn,
  type RetryRule,
  retryOn,
} from './author/retry-rules.ts';
export {
  type CronOptions,
  continuous,
  cron,
  cronPartition,
  events,
  every,
  type IntervalOptions,
  multipleCron,
  once,
  type Preset,
  type Schedule,
  type Step,
  workday,
} from './author/schedule.ts';
export { type SpecOptions, toDagSpec } from './author/spec.ts';
export type { Inputs, InputsFor, Resolved, Task, TeardownOptions } from './author/task.ts';
export { type TaskTemplate, task } from './author/template.ts';
export {
  type ExternalTaskWait,
  type FileWait,
  type HttpWait,
  type Trigger,
  trigger,
} from './author/triggers.ts';
export type { ElementOf, Elements, Mappable, XComArg } from './author/xcom-arg.ts';
export type { DagSpec, TaskSpec } from './gen/dagmesh/dag/v1/dag_pb.ts';
export { DagSpecSchema } from './gen/dagmesh/dag/v1/dag_pb.ts';
export type { JsonObject, JsonValue } from './json.ts';
export type {
  Connection,
  TaskBody,
  TaskContext,
  TaskLog,
  TriggerOptions,
  Variables,
  XComSource,
  XComs,
} from './task/context.ts';
export { branch, type Choice, shortCircuit } from './task/directed.ts';
export {
  AwaitInput,
  CallError,
  type Continuation,
  DeferTask,
  FailTask,
  RescheduleTask,
  RetryTask,
  SensorTimeout,
  SkipTask,
} from './task/outcomes.ts';
export { type PokeAnswer, type SensorOptions, sensor } from './task/sensor.ts';
