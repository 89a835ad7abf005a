-- Forgets commits that nobody can repeat: all but the newest of each session, and those of ended
-- sessions.
-- Index: none needed (rows of about a minute).
delete from ledger_commit as c
using (
  select scheduler_id, max(commit_seq) as newest from ledger_commit group by scheduler_id
) as last
where c.scheduler_id = last.scheduler_id
  and (
    c.commit_seq < last.newest - 100
    or not exists (select from scheduler_session where id = c.scheduler_id)
  )
