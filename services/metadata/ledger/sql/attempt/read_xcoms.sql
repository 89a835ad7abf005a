-- XComs that a reader may see: of the attempt that let its task instance succeed, or of the
-- reader's own live attempt. Beyond the byte limit rows come without their values, and total_bytes
-- says how much there is.
-- One array a column: $1 uuid[] run ids (internal), $2 text[] task ids, $3 integer[] first map
-- indexes, $4 integer[] map indexes before which they end (null: all that follow), $5 text[] keys
-- ('' means every key), $6 integer[] elements of the list, or pairs of the object, that are wanted
-- instead of the whole (null: the whole). $7 own attempt id or null, $8 limit in bytes.
-- Index: task_instance_is_unique_in_run, xcom_pkey, task_attempt_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts.
-- `offset 0` keeps the planner from reading all instances at once: a run may have 100,000 of them,
-- of which an address names one.
with sought as (
  select
    i.id, i.dag_run_id, i.task_id, i.map_index, i.attempt_id, asked.key,
    bool_or(asked.element is null) as is_whole,
    array_agg(asked.element) filter (where asked.element is not null) as elements
  from unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::integer[])
    as asked (dag_run_id, task_id, map_index_from, map_index_to, key, element)
  cross join lateral (
    select id, dag_run_id, task_id, map_index, attempt_id
    from task_instance
    where dag_run_id = asked.dag_run_id
      and task_id = asked.task_id
      and map_index >= asked.map_index_from
      and map_index < coalesce(asked.map_index_to, 2147483647)
      and (
        state = 'success'
        or attempt_id = (
          select attempt_id from task_attempt
          where attempt_id = $7::uuid and state::text = 'running'
        )
      )
    offset 0
  ) as i
  group by i.id, i.dag_run_id, i.task_id, i.map_index, i.attempt_id, asked.key
),
visible as (
  select
    sought.id, sought.dag_run_id, sought.task_id, sought.map_index, sought.is_whole,
    sought.elements, x.key, x.value
  from sought
  join xcom as x on x.attempt_id = sought.attempt_id and (sought.key = '' or x.key = sought.key)
),
part as (
  select id, dag_run_id, task_id, map_index, key, null::integer as element, value
  from visible where is_whole
  union all
  select
    visible.id, visible.dag_run_id, visible.task_id, visible.map_index, visible.key,
    (split.ordinality - 1)::integer, split.value
  from visible
  cross join lateral (
    select value::text, ordinality
    from json_array_elements(
      case when visible.value is json array then visible.value::json else '[]'::json end
    ) with ordinality
    union all
    -- Reading keys decodes escapes, and some of JSON have no text: noncharacters stand for them.
    select
      replace(
        replace(json_build_array(key, value)::text, U&'\FDD1', '\u'), U&'\FDD0', '\\'
      ),
      ordinality
    from json_each(
      case when visible.value is json object
        then replace(replace(visible.value, '\\', U&'\FDD0'), '\u', U&'\FDD1')::json
        else '{}'::json
      end
    ) with ordinality
  ) as split
  where visible.elements is not null and split.ordinality - 1 = any (visible.elements)
),
wanted as (
  select distinct on (id, key, element) dag_run_id, task_id, map_index, key, element, value
  from part
),
measured as (
  select
    dag_run_id, task_id, map_index, key, element, value,
    sum(octet_length(value)) over () as total_bytes
  from wanted
)
select
  dag_run_id, task_id, map_index, key, element, total_bytes,
  case when total_bytes <= $8::bigint then value else '' end as value
from measured
order by dag_run_id, task_id, map_index, key, element
