import { createSimulation } from './simulator/simulation.ts';
import { leaseInto } from './core/leases.ts';
const fan = (n: number) => ({ dagId: 'fan', activeTasksMax: 100000, activeRunsMax: 16, tasks: [
  { taskId: 'start' }, ...Array.from({ length: n }, (_, i) => ({ taskId: `t${i}`, upstreamTaskIds: ['start'] }))] });
const chain = { dagId: 'chain', activeTasksMax: 16, activeRunsMax: 1000, tasks: Array.from({ length: 10 }, (_, i) => ({ taskId: `t${i}`, upstreamTaskIds: i ? [`t${i-1}`] : [] })) };
function drain(sim: any, slots: number) {
  for (;;) { const ls = sim.lease(slots); if (ls.length === 0) return; 
    sim.decide((d: any) => { for (const a of ls) rec(d, a); }); }
}
import { recordOutcome } from './core/outcomes.ts';
import { create } from '@bufbuild/protobuf';
import { AttemptOutcomeSchema } from '../gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
const rec = (d: any, a: any) => recordOutcome(d, create(AttemptOutcomeSchema, { attemptId: a.attemptId, epoch: BigInt(a.epoch), end: 1 }));
function time(name: string, f: () => void) { const t = process.cpuUsage(); f(); return process.cpuUsage(t).user / 1000; }
const which = process.argv[2];
for (let i = 0; i < 4; i++) {
  if (which === 'fan' || !which) { const s = createSimulation([fan(10000)] as any, { startMs: 1e12, pools: { default_pool: 500 } });
    s.trigger('fan'); console.log('fan', time('fan', () => drain(s, 500)).toFixed(0)); }
  if (which === 'runs' || !which) { const s = createSimulation([chain] as any, { startMs: 1e12, pools: { default_pool: 128 } });
    for (let r = 0; r < 1000; r++) s.trigger('chain'); console.log('runs', time('runs', () => drain(s, 128)).toFixed(0)); }
  if (which === 'dags' || !which) { const s = createSimulation(Array.from({length:100},(_,k)=>({ ...chain, dagId: `c${k}`, activeRunsMax: 10 })) as any, { startMs: 1e12, pools: { default_pool: 128 } });
    for (let r = 0; r < 1000; r++) s.trigger(`c${r % 100}`); console.log('dags', time('dags', () => drain(s, 128)).toFixed(0)); }
}
