-- DAGs of partitions, or one, with where their schedules stand.
-- $1 smallint[] partitions or null, $2 DAG id or null.
-- Index: dag_by_partition, dag_pkey, dag_version_pkey, dag_schedule_pkey, dag_run_newest_of_dag.
select d.dag_id, d.dag_version_id, d.is_paused, d.is_active, s.next_run_after, s.next_logical_date,
  s.next_interval_start, s.next_interval_end, s.last_interval_end, last_run.end_date as last_run_end
from dag as d
join dag_version as v on v.id = d.dag_version_id
left join dag_schedule as s on s.dag_id = d.dag_id
left join lateral (
  select end_date from dag_run
  where v.is_continuous
    and dag_id = d.dag_id and run_type = 'scheduled' and state in ('success', 'failed')
  order by id desc
  limit 1
) as last_run on true
where d.partition = any ($1::smallint[]) or d.dag_id = $2::text
order by d.dag_id
