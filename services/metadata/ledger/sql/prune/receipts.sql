-- Forgets answers of commands that are a day old; nobody repeats a request that long.
-- Index: command_receipt_by_age.
delete from command_receipt where received_at < now() - interval '1 day'
