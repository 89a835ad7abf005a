import { changedTaskInstanceColumns, newAttemptColumns } from '../ledger/columns.ts';
import { aTaskInstance, anAttempt } from '../testing/builders.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
const now = toTimestamp(Date.now());
const tis = Array.from({ length: 500 }, (_, i) => aTaskInstance({ dagRunId: 'x', taskId: 't' + i, state: 4, attemptId: crypto.randomUUID(), scheduledAt: now, queuedAt: now, startDate: now }));
const ats = tis.map((ti) => anAttempt({ taskInstanceId: ti.id, startDate: now }));
for (let r = 0; r < 6; r++) { const s = performance.now(); for (let i = 0; i < 50; i++) { changedTaskInstanceColumns(tis); newAttemptColumns(ats); } console.log(((performance.now() - s) / 50).toFixed(2), 'ms per 500+500'); }
