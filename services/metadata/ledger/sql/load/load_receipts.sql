-- What commands were answered within the last hour.
-- $1 smallint[] partitions. Index: command_receipt_by_age.
select request_id, dag_id, dag_run_id, run_id
from command_receipt
where partition = any ($1::smallint[]) and received_at > now() - interval '1 hour'
