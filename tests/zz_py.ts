import { spawn } from 'node:child_process';
import { startMesh, repository } from './kit/mesh.ts';
import { runDag, returnValue, taskInstances, logLines, waitForDag } from './kit/flow.ts';
const mesh = await startMesh({ mode: 'standalone', dagsFolder: '/tmp/pydags', workers: [{ language: 'python' }, { language: 'bash' }] });
const door = (mesh as any).door ?? (mesh as any).workerDoor;
console.log(Object.keys(mesh), door);
try {
  await waitForDag(mesh, 'mixed');
  const ms = (t: any) => (t ? Number(t.seconds) * 1000 + t.nanos / 1e6 : 0);
  for (const dag of ['sales', 'endings', 'chain40', 'chain40', 'fan', ...(process.env['GO'] ? ['mixed'] : [])]) {
    const t = performance.now();
    const run = await runDag(mesh, dag);
    console.log(dag, run.state, run.reason, Math.round(performance.now() - t), 'ms');
    const all = await taskInstances(mesh, run);
    const first = Math.min(...all.map((x) => ms(x.queuedAt))); const last = Math.max(...all.map((x) => ms(x.endDate)));
    console.log('  span', last - first);
    if (all.length < 20) for (const ti of all) console.log('  ', ti.taskId, ti.state, ti.tryNumber, ti.stateReason);
    if (dag === 'mixed') { console.log(await returnValue(mesh, { ...run, taskId: 'check' })); console.log(await logLines(mesh, { ...run, taskId: 'extract' })); }
    if (dag === 'endings') { for (const taskId of ['flaky', 'dies', 'slow']) console.log(taskId, await logLines(mesh, { ...run, taskId })); const l = await logLines(mesh, { ...run, taskId: 'floods' }); console.log('flood', l.length, l.at(-1)); }
  }
} catch (e) { console.log(e); console.log(mesh.tails()); }
await mesh.stop();
process.exit(0);
