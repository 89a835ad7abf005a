-- New kinds of runs and a new end of attempts. Alone in its file: a value of an enum can be used
-- only after the transaction that added it.
-- Oldest code that may still run beside it: 0.1.0.

alter type run_type add value 'backfill';
alter type run_type add value 'asset_triggered';
alter type run_type add value 'asset_materialization';
alter type run_type add value 'callback';
-- The task waits off its worker; another attempt of the same try goes on.
alter type task_attempt_state add value 'waiting';
