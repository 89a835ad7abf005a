import { create } from '@bufbuild/protobuf';
import { createLog } from '../log/log.ts';
import { startGrpcServer } from './server.ts';
import { createDial } from './client.ts';
import { createLocalMesh } from './local.ts';
import { brokenRules } from './door.ts';
import { createMessageQueue } from './message-queue.ts';
import { scheduler, worker, aQuestion, clusterKey, aCredit, aDrain } from './test-doors.ts';
import {
  SchedulerService,
  ReportAttemptsRequestSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { WorkerService, SessionRequestSchema } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
const services = [
  scheduler({ explain: async () => ({ summary: 'x' }) }),
  worker(async function* (requests) {
    for await (const { message } of requests) if (message.case === 'credit') yield aDrain('x');
  }),
];
const log = createLog('bench');
const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services, clusterKey, log });
const local = createLocalMesh({ log });
local.mount('it', services);
const dial = createDial({ caller: 'api', clusterKey, local });
const wdial = createDial({ caller: 'worker', clusterKey, local });
const addr = `127.0.0.1:${server.port}`;
for (const [name, address] of [
  ['net', addr],
  ['local', 'local:it'],
] as const) {
  const c = dial(SchedulerService, address);
  for (const conc of [1, 32]) {
    let n = 0;
    const end = performance.now() + 1000;
    await Promise.all(
      Array.from({ length: conc }, async () => {
        while (performance.now() < end) {
          await c.explain(aQuestion);
          n++;
        }
      }),
    );
    console.log(name, 'unary conc', conc, n, '/s');
  }
  const N = 40000;
  const q = createMessageQueue<ReturnType<typeof aCredit>>({ messagesMax: N + 1 });
  const t0 = performance.now();
  let got = 0;
  for (let i = 0; i < N; i++) q.push(aCredit(1));
  q.end();
  for await (const _ of wdial(WorkerService, address).session(q)) got++;
  console.log(name, 'bidi', Math.round((got / (performance.now() - t0)) * 1000), 'echo/s');
}
const one = create(SessionRequestSchema, aCredit(1) as never);
const rep = create(ReportAttemptsRequestSchema, {
  executorId: 'e',
  outcomes: Array.from({ length: 100 }, () => ({
    attemptId: '01890000-0000-7000-8000-000000000000',
    epoch: 1n,
    end: 1,
    xcoms: [],
  })),
});
for (const [n, desc, m] of [
  ['credit', SessionRequestSchema, one],
  ['report100', ReportAttemptsRequestSchema, rep],
] as const) {
  for (let i = 0; i < 2000; i++) brokenRules(desc as never, m as never);
  const t = performance.now();
  const K = 3000;
  for (let i = 0; i < K; i++) brokenRules(desc as never, m as never);
  console.log('validate', n, (((performance.now() - t) / K) * 1000).toFixed(1), 'us');
}
await dial.close();
await wdial.close();
await server.stop(100);
