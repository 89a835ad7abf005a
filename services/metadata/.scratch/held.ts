import pg from 'pg';
import { create } from '@bufbuild/protobuf';
import { CommitRequestSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { openDatabase } from '../ledger/database.ts';
import { commitChanges } from '../ledger/commit.ts';
import { renewScheduler, releaseScheduler } from '../mesh/scheduler-lease.ts';
const url = process.env.DAGMESH_DATABASE_URL!;
const c = new pg.Client({ connectionString: url }); await c.connect();
await c.query('begin isolation level repeatable read'); await c.query('select txid_current()');
const db = openDatabase(url, console.error); const id = 'h-' + Math.random();
const lease = await renewScheduler(db, { schedulerId: id, address: 'a', ttlMs: 600000 });
const epoch = lease.owned.find((o) => o.partition === partitionOf('etl'))!.epoch; let seq = 0n;
const med = (a: number[]) => a.sort((x, y) => x - y)[a.length >> 1]!.toFixed(2);
for (let b = 0; b < 6; b++) { const t: number[] = []; for (let i = 0; i < 1200; i++) { const s = performance.now(); await commitChanges(db, create(CommitRequestSchema, { schedulerId: id, commitSeq: ++seq, fences: [{ partition: partitionOf('etl'), epoch }], poolClaims: [{ pool: 'default_pool', slots: i % 2 ? -1 : 1, taskInstanceId: 'x' }] })); t.push(performance.now() - s); } console.log('pool-moving commits', b, 'p50', med(t)); }
for (let b = 0; b < 3; b++) { const t: number[] = []; for (let i = 0; i < 400; i++) { const s = performance.now(); await renewScheduler(db, { schedulerId: id, address: 'a', ttlMs: 600000 }); t.push(performance.now() - s); } console.log('renew', b, 'p50', med(t)); }
await c.query('commit'); await c.end(); await releaseScheduler(db, id); await db.close();
