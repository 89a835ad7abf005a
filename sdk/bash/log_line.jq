# From a line of text to a line of the log, without the passwords of the lease's connections.
[$lease[0].connections[]?.password // empty | select(length > 3)] as $secrets
| reduce $secrets[] as $secret (.; split($secret) | join("***"))
| {time: (now | todate), level: $level, stream: $stream, message: .}
