// The SDK: declare DAGs, and what a task's code is written with.
export { type CollectOptions, collectDags, type ModuleExports } from './author/collect.ts';
export { type Dag, type DagBuilder, dag } from './author/dag.ts';
export { DagError } from './author/dag-error.ts';
export type { Duration } from './author/duration.ts';
export { chain, crossDownstream, type Link } from './author/edges.ts';
export type {
  DagOptions,
  RemoteTaskOptions,
  TaskOptions,
  TriggerRuleName,
  WeightRuleName,
} from './author/options.ts';
export { type Param, type ParamOptions, param } from './author/params.ts';
export {
  cron,
  every,
  type IntervalOptions,
  once,
  type Preset,
  type Schedule,
  type ScheduleOption,
} from './author/schedule.ts';
export { type SpecOptions, toDagSpec } from './author/spec.ts';
export type { Inputs, InputsFor, Resolved, Task, XComArg } from './author/task.ts';
export { type TaskTemplate, task } from './author/template.ts';
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
export { CallError, FailTask, RetryTask, SkipTask } from './task/outcomes.ts';
