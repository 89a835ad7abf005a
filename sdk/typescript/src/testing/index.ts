// The test kit: DAGs run in process, without services, on a virtual clock.
export {
  fails,
  now,
  returns,
  skips,
  sleep,
  takes,
  type TestBodies,
  type TestBody,
} from './bodies.ts';
export { dagsIn } from './dag-file.ts';
export type { LogLine } from './performer.ts';
export type { TestRun, TestTry } from './run.ts';
export { TestDagError } from './simulator.ts';
export {
  type DagTest,
  type RunName,
  type TestDagOptions,
  type TestEvent,
  type TestResponse,
  type TestRunOptions,
  testDag,
} from './test-dag.ts';
