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
  type PartitionedOptions,
  type PartitionMapper,
  partitioned,
  type RollUpOptions,
  type ScheduleOption,
} from './author/schedule/asset-schedule.ts';
export type { DagBuilder, PartialTask } from './author/builder.ts';
export {
  type Callback,
  type CallbackBody,
  type CallbackOption,
  type EmailOptions,
  email,
  type Notifier,
  type RemoteCallbackOptions,
  remoteCallback,
  type WebhookOptions,
  webhook,
} from './author/alert/callbacks.ts';
export { type CollectOptions, collectDags, type ModuleExports } from './author/collect.ts';
export {
  type CronOptions,
  type CronPartitionOptions,
  cron,
  cronPartition,
  type MultipleCronOptions,
  multipleCron,
  type Preset,
} from './author/schedule/cron.ts';
export { type Dag, dag } from './author/dag.ts';
export { DagError } from './author/checks/dag-error.ts';
export type { DeadlineOptions, DeadlineReference } from './author/alert/deadlines.ts';
export type { Duration } from './author/values/duration.ts';
export {
  chain,
  chainLinear,
  crossDownstream,
  type Label,
  label,
  type Link,
} from './author/graph/edges.ts';
export type { TaskGroup } from './author/graph/group.ts';
export type { GroupArgument } from './author/graph/group-argument.ts';
export type { Approval, BranchQuestion, Question } from './author/waiting/human-input.ts';
export type { Instant } from './author/values/instant.ts';
export type { DagNode } from './author/graph/node.ts';
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
} from './author/option/options.ts';
export { type Param, type ParamOptions, param } from './author/option/params.ts';
export {
  type FailureFilter,
  type FailureReasonName,
  failOn,
  type RetryRule,
  retryOn,
} from './author/alert/retry-rules.ts';
export {
  continuous,
  type EventsOptions,
  events,
  every,
  type IntervalOptions,
  once,
  type Schedule,
  type Step,
  type WorkdayOptions,
  workday,
} from './author/schedule/schedule.ts';
export { type SpecOptions, toDagSpec } from './author/spec.ts';
export type { Inputs, InputsFor, Resolved, Task, TeardownOptions } from './author/task.ts';
export { type TaskTemplate, task } from './author/template.ts';
export {
  type ExternalTaskWait,
  type FileWait,
  type HttpWait,
  type Trigger,
  trigger,
} from './author/waiting/triggers.ts';
export type { ElementOf, Elements, Mappable, XComArg } from './author/graph/xcom-arg.ts';
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
export { branch, type Choice, type ShortCircuitOptions, shortCircuit } from './task/directed.ts';
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
