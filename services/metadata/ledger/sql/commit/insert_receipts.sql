-- The answers of commands; the first answer to a request stays.
-- $1 text[] DAG ids, $2 text[] request ids, $3 smallint[] partitions, $4 uuid[] run ids (internal),
-- $5 text[] run_ids.
-- Index: command_receipt_pkey.
insert into command_receipt (dag_id, request_id, partition, dag_run_id, run_id)
select dag_id, request_id, partition, dag_run_id, run_id
from unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[], $5::text[])
  as receipt (dag_id, request_id, partition, dag_run_id, run_id)
on conflict do nothing
