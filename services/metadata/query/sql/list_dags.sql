-- DAGs by id.
-- $1 text their id contains, $2 whether inactive ones count, $3 text[] tags of which they have one
-- or null, $4 whether they are paused or null, $5 id of the last one before the page or null,
-- $6 rows.
-- Index: dag_pkey, dag_version_pkey, dag_schedule_pkey.
select
  d.dag_id, v.description, v.schedule, d.is_paused, d.is_active, d.dag_file, v.version_number,
  s.next_run_after, v.tags, v.owner, v.tasks_count
from dag as d
join dag_version as v on v.id = d.dag_version_id
left join dag_schedule as s on s.dag_id = d.dag_id
where strpos(d.dag_id, $1::text) > 0
  and (d.is_active or $2::boolean)
  and ($3::text[] is null or v.tags && $3::text[])
  and ($4::boolean is null or d.is_paused = $4::boolean)
  and ($5::text is null or d.dag_id > $5::text)
order by d.dag_id
limit $6
