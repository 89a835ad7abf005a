-- What attempts pushed before they waited becomes what the attempts pushed with which they go on.
-- $1 uuid[] attempts that waited, $2 uuid[] those that go on. Index: xcom_pkey.
update xcom set attempt_id = carried.to_attempt_id
from unnest($1::uuid[], $2::uuid[]) as carried (from_attempt_id, to_attempt_id)
where xcom.attempt_id = carried.from_attempt_id
