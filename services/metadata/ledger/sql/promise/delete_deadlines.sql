-- Deadlines that were kept, or are void.
-- $1 uuid[] ids. Index: deadline_pkey.
delete from deadline using unnest($1::uuid[]) as gone (id) where deadline.id = gone.id
