-- Keeps what a commit refused, for a repeat of it.
-- $1 scheduler id, $2 commit_seq, $3 a serialized CommitResponse. Index: ledger_commit_pkey.
update ledger_commit set refusals = $3 where scheduler_id = $1 and commit_seq = $2
