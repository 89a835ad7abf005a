-- What a commit refused; null when nothing.
-- $1 scheduler id, $2 commit_seq. Index: ledger_commit_pkey.
select refusals from ledger_commit where scheduler_id = $1 and commit_seq = $2
