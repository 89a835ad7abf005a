-- Questions that wait for people, latest first: their ids rise with time. A wait is JSON of the
-- contract's Wait; one with U+0000 in it cannot be read as jsonb, and is shown to everybody.
-- $1 DAG id or null, $2 run_id or null, $3 user who may answer or null, $4 id of the last one before
-- the page or null, $5 rows. Index: task_instance_waiting, dag_run_pkey.
select
  r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.wait_id, i.wait
from task_instance as i
join dag_run as r on r.id = i.dag_run_id
where i.wait_id is not null and i.state = 'awaiting_input'
  and ($1::text is null or r.dag_id = $1::text)
  and ($2::text is null or r.run_id = $2::text)
  and (
    $3::text is null
    or case
      when strpos(i.wait, '\u0000') > 0 then true
      else coalesce(jsonb_array_length(i.wait::jsonb #> '{humanInput,assignedUsers}'), 0) = 0
        or i.wait::jsonb #> '{humanInput,assignedUsers}' ? $3::text
    end
  )
  and ($4::uuid is null or i.wait_id < $4::uuid)
order by i.wait_id desc
limit $5
