// The simulator as a program: it speaks JSON on stdin and stdout, one object a line, so that a test
// kit in any language can play DAGs with the scheduler's own decisions. It ends with its stdin.
//
// Version 1. Instants and spans are milliseconds, `run_id` and `dag_id` may be left out where there
// is only one DAG and its latest run is meant; `task` is `id` or `id[map_index]`. A request has an
// `id` and gets one answer: `{"answer": id, "ok": {"now_ms", "result"}}`, or
// `{"answer": id, "error": {"name", "message"}}` with a reason of the mesh, else `failed`. A line
// that is wrong gets `bad_request`, with id 0 where it has none, and changes nothing. While it
// plays other requests are refused.
//
//   open          version, specs (each protobuf JSON, or base64 of the binary form), options:
//                 start_ms, pools {name: slots}, slots, attempts_max, variables {key: text},
//                 connections (each ResolvedConnection). Schedules are held.
//   trigger       dag_id, run_id, logical_date_ms, params, partition_key → the run
//   play          dag_id, run_id, until_ms → the run, once it is over or nothing goes on any more;
//                 without until_ms no wait for an event or an answer runs out of time
//   advance       until_ms → the runs that were made on the way; lets the schedules begin
//   runs          dag_id → all its runs, earliest first
//   run           dag_id, run_id → the run
//   fire          dag_id, run_id, task, event | error | is_skip: ends the wait for a trigger
//   respond       dag_id, run_id, task, chosen_options, params, actor: answers a question
//   update_asset  name | uri, extra, partition_key: updates an asset from outside
//   explain       dag_id, run_id, task → task, summary: why it waits
//
// A run is told as dag_id, run_id, run_type, state, reason, partition_key, params, its instants
// where it has them (logical_date_ms, data_interval_start_ms, data_interval_end_ms, run_after_ms,
// start_ms, end_ms) and, each by `task`: tasks (states), labels, xcoms (values by key), waits
// (sentences, of those that are not finished), tries (number, state, error, start_ms, end_ms).
//
// While it plays (in `play` and `advance`) it tells of attempts, and wants an `outcome` for each;
// several may be open at once. What is said of attempts is not answered but by these events.
//
//   {"event": "perform", "attempt", "now_ms", "lease": Lease}
//     {"op": "outcome", "attempt", "report": AttemptReport, "took_ms"}
//     {"op": "sleep", "attempt", "ms"}                 → {"event": "awake", "attempt", "now_ms"}
//     {"op": "call", "attempt", "call", "method", "input"}
//        → {"event": "answer", "attempt", "call", "output" | "error": {"code", "message"}}
//        method and messages are those of WorkerService, e.g. `pullXCom`; no token is needed
//   {"event": "stop", "attempt", "reason"}: it is over; what is said of it from now on is ignored
//
// The clock moves only when each open attempt sleeps or has an outcome; attempts that took a while
// overlap. Messages of contracts are in protobuf's JSON form.
import { createInterface } from 'node:readline';
import type { JsonObject } from '@bufbuild/protobuf';
import { messageOf } from '#kernel/errors/errors.ts';
import { createDoor } from './door/door.ts';
import { objectOf } from './door/line.ts';

const say = (message: JsonObject) => void process.stdout.write(`${JSON.stringify(message)}\n`);
const door = createDoor(say);

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  try {
    if (line.trim() !== '') door.hear(objectOf(line));
  } catch (error) {
    say({ answer: 0, error: { name: 'bad_request', message: messageOf(error) } });
  }
}
