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
export type {
  DagTest,
  RunName,
  TestDagOptions,
  TestEvent,
  TestResponse,
  TestRunOptions,
  Until,
} from './dag-test.ts';
export type { LogLine } from './performer.ts';
export type { TestRun, TestTry } from './run.ts';
export { TestDagError } from './simulator.ts';
export { testDag } from './test-dag.ts';
