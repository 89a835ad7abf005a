-- XComs that a reader may see: of the attempt that let its task instance succeed, or of the
-- reader's own live attempt. Beyond the byte limit rows come without their values, and total_bytes
-- says how much there is.
-- $1 uuid[] run ids (internal), $2 text[] task ids, $3 integer[] map indexes,
-- $4 text[] keys ('' means every key), $5 own attempt id or null, $6 limit in bytes.
-- Index: task_instance_is_unique_in_run, xcom_pkey, task_attempt_pkey.
with visible as (
  select distinct on (i.id, x.key) i.dag_run_id, i.task_id, i.map_index, x.key, x.value
  from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[])
    as asked (dag_run_id, task_id, map_index, key)
  join task_instance as i using (dag_run_id, task_id, map_index)
  join xcom as x on x.attempt_id = i.attempt_id and (asked.key = '' or x.key = asked.key)
  where i.state = 'success'
    or i.attempt_id = (
      select attempt_id from task_attempt where attempt_id = $5::uuid and state = 'running'
    )
),
measured as (
  select
    dag_run_id, task_id, map_index, key, value,
    sum(octet_length(value)) over () as total_bytes
  from visible
)
select
  dag_run_id, task_id, map_index, key, total_bytes,
  case when total_bytes <= $6::bigint then value else '' end as value
from measured
