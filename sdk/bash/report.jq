# From a lease to the request of ReportTasks.
#
# $verdict, $code and $last say how the handler ended, $branch which tasks it lets follow, $log_size
# how long its log is.
def failed($reason; $message):
  {errorClass: "ExitCode", message: $message, reason: "FAILURE_REASON_\($reason)"} as $error
  | {outcome: "OUTCOME_FAILED", error: $error};

# The line if it is JSON, else the line as a JSON text; jq takes `nan` for JSON, others do not.
def as_json:
  . as $line
  | try (fromjson | tojson | if . == "null" and $line != . then error else $line end)
    catch ($line | tojson);

# Run again in so many seconds, at most a year.
def again($line; $handler):
  (try ($line | tonumber) catch null) as $seconds
  | if $seconds != null and $seconds >= 0 and $seconds <= 31536000
    then {outcome: "OUTCOME_RESCHEDULED", rescheduleAt: (now + $seconds | floor | todate)}
    else failed("EXITED"; "\($handler) exited with code 98 and printed no number of seconds")
    end;

($last | rtrimstr("\n")) as $line
| {attemptToken, logSize: $log_size} + (
    if $verdict == "cancelled" then {outcome: "OUTCOME_CANCELLED"}
    elif $code == 99 then {outcome: "OUTCOME_SKIPPED", reason: $line[:4096]}
    elif $code == 98 then again($line; .handler)
    elif $code == 124 then
      failed("TIMEOUT"; "\(.handler) ran longer than its execution_timeout, \(.executionTimeout)")
    elif $code < 0 then
      # Trying again with the same programs cannot help.
      failed("EXCEPTION"; "there is no program \(.handler) here")
      | .error += {errorClass: "HandlerNotFound", isFinal: true}
    elif $code > 0 then failed("EXITED"; "\(.handler) exited with code \($code)")
    elif ($line | utf8bytelength) > 262144 then
      failed("LIMIT"; "the last line has more than 256 KiB; print where the result is")
    else
      {outcome: "OUTCOME_SUCCESS"}
      | if $line == "" then . else .xcoms = [{key: "return_value", valueJson: ($line | as_json)}] end
      | if $branch == null then . else .direction = {branch: {followIds: $branch}} end
    end)
| {workerId: env.worker_id, reports: [.]}
